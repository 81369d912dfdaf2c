using System.Diagnostics;
using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Devices.Queues;

/// <summary>The queue over io_uring: transfers are handed to the kernel in batches and waited for in the same call.</summary>
internal sealed unsafe class UringIoQueue : IoQueue
{
    private readonly RingHandle ring;
    private readonly DirectFile file;
    private readonly AlignedMemory memory;
    private readonly FileTransfer[] transfers;
    private readonly int directFd;
    private readonly int bufferedFd;
    private readonly bool registered;
    private int inFlight;
    private bool disposed;

    private UringIoQueue(RingHandle ring, DirectFile file, IoQueueOptions options, bool register)
    {
        this.ring = ring;
        this.file = file;
        Depth = options.Depth;
        BufferSize = options.BufferSize;
        transfers = new FileTransfer[Depth];
        memory = new AlignedMemory((nuint)Depth * (nuint)BufferSize);

        // The bare numbers go into the entries, so the descriptors are held open for the queue's life.
        var held = false;
        file.Buffered.DangerousAddRef(ref held);
        file.Direct?.DangerousAddRef(ref held);
        bufferedFd = file.Buffered.Fd;
        directFd = file.Direct?.Fd ?? -1;
        registered = register && TryRegisterBuffers();
    }

    public override string Kind => "io_uring";

    public override int Depth { get; }

    public override int BufferSize { get; }

    public override int InFlight => inFlight;

    /// <summary>
    /// Whether the buffers are pinned once for all transfers. They are not where the user's RLIMIT_MEMLOCK is too small;
    /// transfers then pin them one by one.
    /// </summary>
    public bool HasRegisteredBuffers => registered;

    /// <summary>
    /// Opens a queue, or returns null with the errno: ENOSYS on old kernels, EPERM where a container's seccomp filter
    /// or kernel.io_uring_disabled refuses it, ENOMEM where RLIMIT_MEMLOCK is too small even for the rings.
    /// </summary>
    /// <param name="register">Whether to try to register the buffers.</param>
    public static UringIoQueue? TryOpen(
        DirectFile file, IoQueueOptions options, out int error, bool register = true)
    {
        options.Check();

        // COOP_TASKRUN (5.19) spares an interrupt per completion. SINGLE_ISSUER and DEFER_TASKRUN would bind the queue
        // to one thread, its disposal included, for no measurable gain at transfers of this size.
        var ring = RingHandle.TryCreate((uint)options.Depth, IoUring.IORING_SETUP_COOP_TASKRUN, out error);
        if (ring is null && error == Errno.EINVAL)
        {
            ring = RingHandle.TryCreate((uint)options.Depth, 0, out error);
        }

        return ring is null ? null : new UringIoQueue(ring, file, options, register);
    }

    public override Span<byte> Buffer(int slot) => memory.Slice((nuint)slot * (nuint)BufferSize, BufferSize);

    public override void SubmitRead(int slot, long offset, int length) => Submit(slot, offset, length, write: false);

    public override void SubmitWrite(int slot, long offset, int length) => Submit(slot, offset, length, write: true);

    public override int Reap(Span<IoCompletion> completions, bool wait)
    {
        Debug.Assert(!disposed);
        Debug.Assert(completions.Length > 0);
        var taken = Take(completions);
        if (taken == 0 && inFlight > 0)
        {
            do
            {
                Enter(wait ? 1u : 0u);
                taken = Take(completions);
            }
            while (wait && taken == 0);
        }
        else if (ring.Pending > 0)
        {
            // What waited for this call goes down now, since the caller will be busy with what it got.
            Enter(0, reap: false);
        }

        return taken;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposed)
        {
            return;
        }

        // Memory that the kernel still writes to must not be freed; entries it never took are part of the count.
        Span<IoCompletion> rest = stackalloc IoCompletion[16];
        while (inFlight > 0)
        {
            Reap(rest, wait: true);
        }

        disposed = true;
        if (registered)
        {
            // Closing the ring would do it too, but later, and the next queue would find the limit still used up.
            _ = ring.Register(IoUring.IORING_UNREGISTER_BUFFERS, null, 0);
        }

        ring.Dispose();
        file.Direct?.DangerousRelease();
        file.Buffered.DangerousRelease();
        memory.Dispose();
    }

    private void Submit(int slot, long offset, int length, bool write)
    {
        Debug.Assert(!disposed);
        Debug.Assert(length <= BufferSize);
        transfers[slot].Start(offset, length, write);
        inFlight++;
        Prepare(slot);

        // While more than half of the queue is with the kernel, submission may wait for the next call that reaps; below
        // that the device would run dry while the caller works.
        if (inFlight - ring.Pending <= Depth / 2)
        {
            Enter(0, reap: false);
        }
    }

    private void Prepare(int slot)
    {
        ref var transfer = ref transfers[slot];
        var direct = transfer.NextIsDirect(file, BufferSize, out var count);
        ref var entry = ref ring.NextEntry();
        entry.opcode = (transfer.IsWrite, registered) switch
        {
            (false, true) => IoUring.IORING_OP_READ_FIXED,
            (true, true) => IoUring.IORING_OP_WRITE_FIXED,
            (false, false) => IoUring.IORING_OP_READ,
            (true, false) => IoUring.IORING_OP_WRITE,
        };
        entry.fd = direct ? directFd : bufferedFd;
        entry.off = (ulong)(transfer.Offset + transfer.Done);
        entry.addr = (ulong)(memory.Pointer + ((nuint)slot * (nuint)BufferSize) + (nuint)transfer.Done);
        entry.len = (uint)count;
        entry.user_data = (ulong)slot;
    }

    private int Take(Span<IoCompletion> completions)
    {
        var taken = 0;
        while (taken < completions.Length && ring.TryTake(out var completion))
        {
            var slot = (int)completion.user_data;
            Debug.Assert(slot >= 0 && slot < Depth);
            if (transfers[slot].Ended(completion.res, file))
            {
                completions[taken++] = transfers[slot].Finish(slot);
                inFlight--;
            }
            else
            {
                Prepare(slot);
            }
        }

        return taken;
    }

    private void Enter(uint minComplete, bool reap = true)
    {
        while (true)
        {
            var result = ring.Enter(minComplete, reap ? IoUring.IORING_ENTER_GETEVENTS : 0);
            switch (result)
            {
                case >= 0:
                    return;
                case -Errno.EINTR:
                    continue;
                case -Errno.EAGAIN or -Errno.EBUSY:
                    // Short of memory, or completions to be taken first: entries stay pending, and what is in the
                    // kernel makes progress meanwhile.
                    Thread.Yield();
                    return;
                default:
                    throw TidemarkException.Failed(
                        $"io_uring_enter failed: {FileCalls.Reason(-result)}. " +
                        $"Set {FileIoQueue.Switch}=pread and run again.");
            }
        }
    }

    private bool TryRegisterBuffers()
    {
        var region = new iovec { iov_base = memory.Pointer, iov_len = memory.Length };
        return ring.Register(IoUring.IORING_REGISTER_BUFFERS, &region, 1) >= 0;
    }
}
