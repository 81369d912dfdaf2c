using System.Diagnostics;
using TerraFX.Interop.Windows;

namespace Tidemark.Engine.Io;

internal partial struct FileTransfer
{
    /// <summary>The next call: true for the unbuffered handle, and its number of bytes.</summary>
    public bool NextIsDirect(OverlappedFile file, int room, out int count) =>
        NextIsDirect(file.TakesDirect, file.Alignment, file.Alignment, room, out count);

    /// <summary>
    /// Takes a call's result (bytes moved, or a negative code of Win32); true if the transfer has ended. An unbuffered
    /// call that is refused for being one is made once more through the cache, as all that follow.
    /// </summary>
    public bool EndedOverlapped(long result, OverlappedFile file)
    {
        Debug.Assert(Busy);
        if (IsDirect && result < 0 && WindowsFileCalls.IsMissing((int)-result) && file.RefuseDirect((int)-result))
        {
            return false;
        }

        if (result < 0 && (IsWrite || result != -ERROR.ERROR_HANDLE_EOF))
        {
            Error = (int)-result;
            return true;
        }

        return Moved(Math.Max(0, result), ERROR.ERROR_IO_DEVICE);
    }
}
