using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TerraFX.Interop.Windows;
using static TerraFX.Interop.Windows.Windows;

namespace Tidemark.Engine.Devices;

/// <summary>
/// Keeps two runs of Tidemark from writing to one file: a locked byte where no file reaches, since Windows keeps everybody else,
/// and the file's other handles, from touching what is locked.
/// </summary>
internal static unsafe class TargetLock
{
    /// <summary>Windows' own limit of a file's length is 2^63 - 1.</summary>
    private const long LockedByte = long.MaxValue - 1;

    /// <exception cref="TidemarkException">Another run writes to the file (busy).</exception>
    public static void Take(SafeFileHandle file, string path)
    {
        var range = default(OVERLAPPED);
        range.Offset = unchecked((uint)LockedByte);
        range.OffsetHigh = (uint)(LockedByte >> 32);
        var held = false;
        file.DangerousAddRef(ref held);
        try
        {
            if (LockFileEx((HANDLE)file.DangerousGetHandle(), LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &range))
            {
                return;
            }

            // A file system without locks keeps nobody out.
            if (Marshal.GetLastSystemError() is ERROR.ERROR_LOCK_VIOLATION)
            {
                throw new TidemarkException(
                    TidemarkError.Busy, $"{path} is in use: another run writes to it. Nothing was written. Wait for it to end.");
            }
        }
        finally
        {
            file.DangerousRelease();
        }
    }
}
