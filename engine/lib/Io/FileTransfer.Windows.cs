using System.Diagnostics;
using TerraFX.Interop.Windows;

namespace Tidemark.Engine.Io;

/// <summary>One transfer of a queue on an <see cref="OverlappedFile"/>, and how far it has come.</summary>
internal struct OverlappedTransfer
{
    public long Offset;
    public int Length;
    public int Done;
    public int Error;
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
        IsWrite = write;
        Busy = true;
    }

    /// <summary>The next call: true for the unbuffered handle, and its number of bytes.</summary>
    /// <remarks>
    /// A read's length is rounded up, since only a file's end is unaligned and the file system stops there by itself.
    /// A write's is rounded down, and what remains goes through the cache.
    /// </remarks>
    public readonly bool NextIsDirect(OverlappedFile file, int room, out int count)
    {
        var left = Length - Done;
        Debug.Assert(left > 0 && left <= room - Done);
        count = left;
        var align = file.Alignment;
        if (file.Direct is null || (Offset + Done) % align != 0 || Done % align != 0)
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

    /// <summary>Takes a call's result (bytes moved, or a negative error code); true if the transfer has ended.</summary>
    public bool Ended(long result)
    {
        Debug.Assert(Busy);
        if (result < 0 && (IsWrite || result != -ERROR.ERROR_HANDLE_EOF))
        {
            Error = (int)-result;
            return true;
        }

        result = Math.Max(0, result);
        Done = (int)Math.Min(Length, Done + result);
        if (result == 0 && IsWrite)
        {
            // The system has no such answer for a write of some bytes; going on would never end.
            Error = ERROR.ERROR_IO_DEVICE;
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
