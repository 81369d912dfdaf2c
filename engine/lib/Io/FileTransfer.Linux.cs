using System.Diagnostics;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Io;

internal partial struct FileTransfer
{
    /// <summary>A call that the kernel keeps interrupting or putting off is given up after so many times in a row.</summary>
    private const int MaxRetries = 1000;

    /// <summary>The next call: true for the direct descriptor, and its number of bytes.</summary>
    public bool NextIsDirect(DirectFile file, int room, out int count) =>
        NextIsDirect(file.TakesDirect, file.MemoryAlignment, file.OffsetAlignment, room, out count);

    /// <summary>
    /// Takes a call's result (bytes moved, or a negative errno); true if the transfer has ended. A direct call that is
    /// refused for being one is made once more through the cache, as all that follow.
    /// </summary>
    public bool Ended(long result, DirectFile? file = null)
    {
        Debug.Assert(Busy);
        if (IsDirect && result is -Errno.EINVAL or -Errno.EOPNOTSUPP && file is not null && file.RefuseDirect((int)-result))
        {
            return false;
        }

        if (result is -Errno.EINTR or -Errno.EAGAIN && ++Retries < MaxRetries)
        {
            return false;
        }

        if (result < 0)
        {
            Error = (int)-result;
            return true;
        }

        return Moved(result, Errno.EIO);
    }
}
