using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

/// <summary>
/// One io_uring instance: its descriptor and the two mappings, and the moves on the rings. One thread at a time uses it.
/// Nothing here allocates after construction. Errors are negative errno values.
/// </summary>
public sealed unsafe class RingHandle : IDisposable
{
    private readonly FdHandle fd;
    private readonly MappingHandle rings;
    private readonly MappingHandle entries;
    private readonly uint* sqHead;
    private readonly uint* sqTail;
    private readonly uint sqMask;
    private readonly uint sqEntries;
    private readonly uint* cqHead;
    private readonly uint* cqTail;
    private readonly uint cqMask;
    private readonly io_uring_cqe* cqes;
    private readonly io_uring_sqe* sqes;
    private uint tail;

    private RingHandle(FdHandle fd, MappingHandle rings, MappingHandle entries, in io_uring_params p)
    {
        this.fd = fd;
        this.rings = rings;
        this.entries = entries;
        var start = rings.Start;
        sqHead = (uint*)(start + p.sq_off.head);
        sqTail = (uint*)(start + p.sq_off.tail);
        sqMask = *(uint*)(start + p.sq_off.ring_mask);
        sqEntries = p.sq_entries;
        cqHead = (uint*)(start + p.cq_off.head);
        cqTail = (uint*)(start + p.cq_off.tail);
        cqMask = *(uint*)(start + p.cq_off.ring_mask);
        cqes = (io_uring_cqe*)(start + p.cq_off.cqes);
        sqes = (io_uring_sqe*)entries.Start;
        tail = *sqTail;

        // The indirection array stays the identity: entry i of the ring is always sqe i.
        var array = (uint*)(start + p.sq_off.array);
        for (var i = 0u; i < sqEntries; i++)
        {
            array[i] = i;
        }
    }

    /// <summary>Entries filled in and not yet taken by the kernel.</summary>
    // Acquire: the kernel moves the head after it has copied the entry; only then may the entry be filled again.
    public uint Pending => tail - Volatile.Read(ref *sqHead);

    /// <summary>Sets up a ring of at least <paramref name="depth"/> entries; null with the errno where it is refused.</summary>
    public static RingHandle? TryCreate(uint depth, uint flags, out int error)
    {
        var p = default(io_uring_params);
        p.flags = flags;
        var number = Libc.io_uring_setup(Libc.SYS_io_uring_setup, depth, &p);
        if (number < 0)
        {
            error = Marshal.GetLastPInvokeError();
            return null;
        }

        var fd = new FdHandle((int)number);
        const uint needed = IoUring.IORING_FEAT_SINGLE_MMAP | IoUring.IORING_FEAT_RW_CUR_POS;
        if ((p.features & needed) != needed)
        {
            fd.Dispose();
            error = Errno.ENOSYS;
            return null;
        }

        // With IORING_FEAT_SINGLE_MMAP one mapping, the longer of the two, holds both rings.
        var sqLength = p.sq_off.array + (p.sq_entries * sizeof(uint));
        var cqLength = p.cq_off.cqes + (p.cq_entries * (uint)sizeof(io_uring_cqe));
        var rings = new MappingHandle(fd, Math.Max(sqLength, cqLength), IoUring.IORING_OFF_SQ_RING);
        error = rings.IsInvalid ? Marshal.GetLastPInvokeError() : 0;
        var entries = new MappingHandle(fd, p.sq_entries * (nuint)sizeof(io_uring_sqe), IoUring.IORING_OFF_SQES);
        error = error == 0 && entries.IsInvalid ? Marshal.GetLastPInvokeError() : error;
        if (error != 0)
        {
            entries.Dispose();
            rings.Dispose();
            fd.Dispose();
            return null;
        }

        return new RingHandle(fd, rings, entries, p);
    }

    /// <summary>The next free entry, cleared; the caller fills it in. There must be one: see <see cref="Pending"/>.</summary>
    public ref io_uring_sqe NextEntry()
    {
        Debug.Assert(Pending < sqEntries, "the submission ring is full");
        var entry = sqes + (tail & sqMask);
        *entry = default;
        tail++;
        return ref *entry;
    }

    /// <summary>Hands the pending entries over and waits for <paramref name="minComplete"/> completions, in one call.</summary>
    /// <returns>How many entries the kernel took, or a negative errno.</returns>
    public int Enter(uint minComplete, uint flags)
    {
        // Release: what was written into the entries must be visible before the tail that publishes them.
        Volatile.Write(ref *sqTail, tail);
        var taken = Libc.io_uring_enter(
            Libc.SYS_io_uring_enter, fd.Fd, Pending, minComplete, flags, null, 0);
        return taken < 0 ? -Marshal.GetLastPInvokeError() : (int)taken;
    }

    /// <summary>Takes the oldest completion, if there is one.</summary>
    public bool TryTake(out io_uring_cqe completion)
    {
        // Only this side writes the head. Acquire on the tail: the completion is read after it was published.
        var head = *cqHead;
        if (head == Volatile.Read(ref *cqTail))
        {
            completion = default;
            return false;
        }

        completion = cqes[head & cqMask];

        // Release: the completion has been copied out before the kernel may reuse its place.
        Volatile.Write(ref *cqHead, head + 1);
        return true;
    }

    /// <summary>io_uring_register on this ring: 0 or more, or a negative errno.</summary>
    public int Register(uint opcode, void* argument, uint count)
    {
        var result = Libc.io_uring_register(Libc.SYS_io_uring_register, fd.Fd, opcode, argument, count);
        return result < 0 ? -Marshal.GetLastPInvokeError() : (int)result;
    }

    public void Dispose()
    {
        entries.Dispose();
        rings.Dispose();
        fd.Dispose();
    }
}
