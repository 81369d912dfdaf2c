using System.Diagnostics;
using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Devices.Queues;

/// <summary>
/// The queue for systems that refuse io_uring: a few threads, each of which does one pread or pwrite at a time.
/// </summary>
internal sealed unsafe class PreadIoQueue : IoQueue
{
    /// <summary>
    /// Threads at most. Transfers are large, so a few in flight keep a device busy: on an NVMe-backed disk four read a
    /// quarter faster than one and as fast as eight (1.4 GB/s, where io_uring does the same on a third of the CPU time).
    /// </summary>
    public const int DefaultThreads = 4;

    /// <summary>The threads do nothing but system calls.</summary>
    private const int StackSize = 256 * 1024;

    private readonly object gate = new();
    private readonly DirectFile file;
    private readonly AlignedMemory memory;
    private readonly FileTransfer[] transfers;
    private readonly SlotRing waiting;
    private readonly SlotRing finished;
    private readonly Thread[] workers;
    private int inFlight;
    private bool closing;
    private volatile bool givenUp;
    private bool disposed;

    /// <param name="note">Why this queue and no faster one.</param>
    public PreadIoQueue(DirectFile file, IoQueueOptions options, string? note = null, int threads = DefaultThreads)
    {
        options.Check();
        Note = note;
        this.file = file;
        Depth = options.Depth;
        BufferSize = options.BufferSize;
        transfers = new FileTransfer[Depth];
        waiting = new SlotRing(Depth);
        finished = new SlotRing(Depth);
        memory = new AlignedMemory((nuint)Depth * (nuint)BufferSize);
        workers = new Thread[Math.Min(Depth, threads)];
        for (var i = 0; i < workers.Length; i++)
        {
            workers[i] = new Thread(Work, StackSize) { IsBackground = true, Name = $"pread {i}" };
            workers[i].Start();
        }
    }

    public override string Kind => "pread";

    public override string? Note { get; }

    public override int Depth { get; }

    public override int BufferSize { get; }

    public override int InFlight => inFlight;

    public override Span<byte> Buffer(int slot) => memory.Slice((nuint)slot * (nuint)BufferSize, BufferSize);

    public override void SubmitRead(int slot, long offset, int length) => Submit(slot, offset, length, write: false);

    public override void SubmitWrite(int slot, long offset, int length) => Submit(slot, offset, length, write: true);

    public override int Reap(Span<IoCompletion> completions, bool wait)
    {
        Debug.Assert(!disposed);
        Debug.Assert(completions.Length > 0);
        if (inFlight == 0)
        {
            return 0;
        }

        var taken = 0;
        lock (gate)
        {
            while (wait && finished.Count == 0)
            {
                Monitor.Wait(gate);
            }

            while (taken < completions.Length && finished.Count > 0)
            {
                var slot = finished.Take();
                completions[taken++] = transfers[slot].Finish(slot);
            }
        }

        inFlight -= taken;
        return taken;
    }

    public override void GiveUp() => givenUp = true;

    protected override void Dispose(bool disposing)
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        lock (gate)
        {
            closing = true;
            Monitor.PulseAll(gate);
        }

        foreach (var worker in workers)
        {
            worker.Join();
        }

        memory.Dispose();
    }

    private void Submit(int slot, long offset, int length, bool write)
    {
        Debug.Assert(!disposed);
        Debug.Assert(length <= BufferSize);
        transfers[slot].Start(offset, length, write);
        inFlight++;
        lock (gate)
        {
            waiting.Put(slot);
            Monitor.PulseAll(gate);
        }
    }

    private void Work()
    {
        while (true)
        {
            int slot;
            lock (gate)
            {
                while (waiting.Count == 0 && !closing)
                {
                    Monitor.Wait(gate);
                }

                if (waiting.Count == 0)
                {
                    return;
                }

                slot = waiting.Take();
            }

            Run(slot);
            lock (gate)
            {
                finished.Put(slot);
                Monitor.PulseAll(gate);
            }
        }
    }

    private void Run(int slot)
    {
        ref var transfer = ref transfers[slot];
        long result;
        do
        {
            if (givenUp)
            {
                result = -Errno.EIO;
                continue;
            }

            var fd = transfer.NextIsDirect(file, BufferSize, out var count) ? file.Direct! : file.Buffered;
            var buffer = memory.Pointer + ((nuint)slot * (nuint)BufferSize) + (nuint)transfer.Done;
            var offset = transfer.Offset + transfer.Done;
            result = transfer.IsWrite
                ? FileCalls.Write(fd, buffer, (nuint)count, offset)
                : FileCalls.Read(fd, buffer, (nuint)count, offset);
        }
        while (!transfer.Ended(result, file));
    }
}
