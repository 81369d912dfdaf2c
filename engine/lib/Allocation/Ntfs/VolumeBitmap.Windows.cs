using Microsoft.Win32.SafeHandles;
using TerraFX.Interop.Windows;
using Tidemark.Engine.Io;
using Tidemark.Interop.Windows;

namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>Windows' bitmap of a volume or shadow copy.</summary>
internal static unsafe class VolumeBitmap
{
    /// <summary>The bitmap of an open volume; null where Windows doesn't tell, since it has no file system there or knows of none.</summary>
    /// <param name="volume">Open for reading; stays the caller's, and open as long as the bitmap is used.</param>
    public static MountedBitmap? TryOpen(SafeFileHandle volume) => MountedBitmap.TryOpen((cluster, answer) =>
    {
        fixed (byte* output = answer)
        {
            var error = WindowsFileCalls.Control(
                volume, VolumeControl.FSCTL_GET_VOLUME_BITMAP, &cluster, sizeof(long), output, answer.Length, out var returned);
            return error is ERROR.ERROR_SUCCESS or ERROR.ERROR_MORE_DATA ? returned : -1;
        }
    });
}
