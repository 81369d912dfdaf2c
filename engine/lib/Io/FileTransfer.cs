using System.Diagnostics;

namespace Tidemark.Engine.Io;

/// <summary>
/// One transfer of a queue on an open file, and how far it has come. The queues plan their system calls with it: which
/// of the file's two openings, how many bytes next, and what a result means.
/// </summary>
internal partial struct FileTransfer
{
    public long Offset;
    public int Length;
    public int Done;
    public int Error;
    public int Retries;
    public bool IsWrite;
    public bool Busy;

    /// <summary>Whether the call under way goes around the cache.</summary>
    public bool IsDirect;

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

    public IoCompletion Finish(int slot)
    {
        Debug.Assert(Busy);
        Busy = false;
        return new IoCompletion(slot, Done, Error);
    }

    /// <summary>Whether the next call can go around the cache, and its number of bytes.</summary>
    /// <remarks>
    /// A read's length is rounded up, since only a file's end is unaligned and the file system stops there by itself.
    /// A write's is rounded down, and what remains goes through the cache.
    /// </remarks>
    private bool NextIsDirect(bool canBe, int memoryAlignment, int offsetAlignment, int room, out int count)
    {
        var left = Length - Done;
        Debug.Assert(left > 0 && left <= room - Done);
        count = left;
        IsDirect = false;
        if (!canBe || (Offset + Done) % offsetAlignment != 0 || Done % memoryAlignment != 0)
        {
            return false;
        }

        var over = left % offsetAlignment;
        var rounded = IsWrite ? left - over : left + ((offsetAlignment - over) % offsetAlignment);
        if (rounded == 0 || rounded > room - Done)
        {
            return false;
        }

        count = rounded;
        IsDirect = true;
        return true;
    }

    /// <summary>Counts what a call moved; true if the transfer has ended.</summary>
    /// <param name="noProgress">
    /// The error for a write that moved nothing: systems have no such answer, and going on would never end.
    /// </param>
    private bool Moved(long bytes, int noProgress)
    {
        Debug.Assert(bytes >= 0);
        Retries = 0;
        Done = (int)Math.Min(Length, Done + bytes);
        if (bytes == 0 && IsWrite)
        {
            Error = noProgress;
        }

        return bytes == 0 || Done == Length;
    }
}
