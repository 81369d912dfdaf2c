using System.Diagnostics;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Io;

/// <summary>
/// One transfer of a queue on a <see cref="DirectFile"/>, and how far it has come. Both queues plan their system calls
/// with it: which descriptor, how many bytes next, and what a result means.
/// </summary>
internal struct FileTransfer
{
    /// <summary>A call that the kernel keeps interrupting or putting off is given up after so many times in a row.</summary>
    private const int MaxRetries = 1000;

    public long Offset;
    public int Length;
    public int Done;
    public int Error;
    public int Retries;
    public bool IsWrite;
    public bool Busy;

    public void Start(long offset, int length, bool write)
    {
        Debug.Assert(!Busy, "the slot is in flight");
        Debug.Assert(offset >= 0 && length > 0);
        Offset = offset;
        Length = length;
        Done = 0;
        Error = 0;
        Retries = 0;
        IsWrite = write;
        Busy = true;
    }

    /// <summary>The next call: true for the direct descriptor, and its number of bytes.</summary>
    /// <remarks>
    /// A read's length is rounded up, since only a file's end is unaligned and the file system stops there by itself.
    /// A write's is rounded down, and what remains goes through the page cache.
    /// </remarks>
    public readonly bool NextIsDirect(DirectFile file, int room, out int count)
    {
        var left = Length - Done;
        Debug.Assert(left > 0 && left <= room - Done);
        count = left;
        var align = file.OffsetAlignment;
        if (file.Direct is null || (Offset + Done) % align != 0 || Done % file.MemoryAlignment != 0)
        {
            return false;
        }

        var rounded = IsWrite ? left - (left % align) : left + ((align - (left % align)) % align);
        if (rounded == 0 || rounded > room - Done)
        {
            return false;
        }

        count = rounded;
        return true;
    }

    /// <summary>Takes a call's result (bytes moved, or a negative errno); true if the transfer has ended.</summary>
    public bool Ended(long result)
    {
        Debug.Assert(Busy);
        if (result is -Errno.EINTR or -Errno.EAGAIN && ++Retries < MaxRetries)
        {
            return false;
        }

        if (result < 0)
        {
            Error = (int)-result;
            return true;
        }

        Retries = 0;
        Done = (int)Math.Min(Length, Done + result);
        if (result == 0 && IsWrite)
        {
            // The kernel has no such answer for a write of some bytes; going on would never end.
            Error = Errno.EIO;
        }

        return result == 0 || Done == Length;
    }

    public IoCompletion Finish(int slot)
    {
        Debug.Assert(Busy);
        Busy = false;
        return new IoCompletion(slot, Done, Error);
    }
}
