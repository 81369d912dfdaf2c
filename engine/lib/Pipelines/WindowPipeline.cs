using System.Diagnostics;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Io;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// Plans windows in order on the caller's thread, has workers fill them, and writes each to the target's queue. The way
/// of restore.
/// </summary>
internal sealed class WindowPipeline : IDisposable
{
    /// <summary>Decoded frames kept by all workers together.</summary>
    private const int CacheBytes = 16 << 20;

    /// <summary>More workers than this outrun every target, and each costs buffers.</summary>
    private const int MaxWorkers = 16;

    private readonly IReadOnlyList<ImageReader> lineage;
    private readonly int blockSize;
    private readonly IoQueue queue;
    private readonly RatePacer? pacer;
    private readonly WindowPlan[] plans;
    private readonly List<BlockDamage>[] damage;
    private readonly WindowFiller[] fillers;
    private readonly WorkerCrew crew;
    private readonly IoCompletion[] completions;

    /// <param name="lineage">The image and its ancestors, newest first.</param>
    /// <param name="queue">Where windows are written, in its buffers; the caller disposes it.</param>
    /// <param name="workers">Threads that fill windows; 0 fills them on the caller's, in an order that repeats.</param>
    /// <param name="pacer">Holds the writes to a rate; null for full speed.</param>
    public WindowPipeline(IReadOnlyList<ImageReader> lineage, BlockHasher hasher, IoQueue queue, int workers, RatePacer? pacer = null)
    {
        this.lineage = lineage;
        this.queue = queue;
        this.pacer = pacer;
        blockSize = lineage[0].Header.BlockSize;
        Debug.Assert(queue.BufferSize >= blockSize);
        var inline = workers == 0;
        workers = Math.Clamp(workers, 1, MaxWorkers);
        var slots = queue.Depth;
        plans = new WindowPlan[slots];
        damage = new List<BlockDamage>[slots];
        for (var i = 0; i < slots; i++)
        {
            plans[i] = new WindowPlan(queue.BufferSize / blockSize);
            damage[i] = [];
        }

        completions = new IoCompletion[slots];
        fillers = [.. Enumerable.Range(0, workers).Select(_ => new WindowFiller(lineage, hasher, CacheBytes / workers))];
        crew = new WorkerCrew("fill", slots, [.. fillers.Select(f => (Action<int>)(slot => Fill(f, slot)))], inline);
    }

    /// <summary>Bytes of the volume done so far: written, known to be zero, or proven.</summary>
    public long DoneBytes { get; private set; }

    /// <summary>Bytes handed to the target, or proven.</summary>
    public long WrittenBytes { get; private set; }

    /// <summary>Blocks that carry the mark of unreadable sectors.</summary>
    public long UnreadableBlocks { get; private set; }

    /// <summary>What couldn't be brought back, in block order.</summary>
    public List<BlockDamage> Damage { get; } = [];

    /// <param name="zeros">Called for ranges of bytes that read as zeros.</param>
    /// <param name="targetName">What messages call the target.</param>
    public void Run(IWindowSource plan, Action<long, long> zeros, Action tick, string targetName, CancellationToken cancellation)
    {
        var length = lineage[0].Header.SourceBytes;
        var free = new Stack<int>(Enumerable.Range(0, plans.Length));
        var order = new Queue<int>(plans.Length);
        var writing = 0;
        var more = true;
        while (true)
        {
            while (more && free.TryPeek(out var slot))
            {
                cancellation.ThrowIfCancellationRequested();
                more = plan.TryNext(plans[slot], out var zeroFirst, out var zeroBlocks);
                if (more && zeroBlocks > 0)
                {
                    var offset = zeroFirst * blockSize;
                    var end = Math.Min(length, offset + (zeroBlocks * blockSize));
                    zeros(offset, end - offset);
                    DoneBytes += end - offset;
                }
                else if (more)
                {
                    free.Pop();
                    order.Enqueue(slot);
                    Hand(slot);
                }

                tick();
            }

            while (order.TryPeek(out var next) && IsFilled(next, wait: writing == 0))
            {
                order.Dequeue();
                writing += Write(next, length, cancellation);
            }

            if (writing > 0)
            {
                writing -= Reap(targetName, free);
            }
            else if (!more && order.Count == 0)
            {
                return;
            }

            tick();
        }
    }

    public void Dispose()
    {
        crew.Dispose();
        foreach (var filler in fillers)
        {
            filler.Dispose();
        }
    }

    private void Hand(int slot)
    {
        damage[slot].Clear();
        crew.Hand(slot);
    }

    private void Fill(WindowFiller filler, int slot)
    {
        var began = Tracer.Begin();
        filler.Fill(plans[slot], queue.Buffer(slot)[..(plans[slot].Blocks * blockSize)], damage[slot]);
        if (began != 0)
        {
            Tracer.Log.WindowFilled(plans[slot].FirstBlock, plans[slot].Blocks, Tracer.Since(began));
        }
    }

    private bool IsFilled(int slot, bool wait)
    {
        var waiting = wait ? Tracer.Begin() : 0;
        var filled = crew.IsDone(slot, wait);
        Tracer.WaitedForInput(waiting);
        return filled;
    }

    /// <summary>Writes a filled window; returns the transfers begun.</summary>
    private int Write(int slot, long length, CancellationToken cancellation)
    {
        var plan = plans[slot];
        var offset = plan.FirstBlock * blockSize;
        var bytes = (int)Math.Min((long)plan.Blocks * blockSize, length - offset);
        Debug.Assert(bytes > 0);
        Damage.AddRange(damage[slot]);
        UnreadableBlocks += plan.UnreadableBlocks;
        DoneBytes += bytes;
        WrittenBytes += bytes;
        pacer?.Take(bytes, cancellation);
        if (Tracer.On)
        {
            Tracer.Log.TargetWriteSubmitted(slot, offset, bytes, queue.InFlight + 1);
        }

        queue.SubmitWrite(slot, offset, bytes);
        return 1;
    }

    private int Reap(string targetName, Stack<int> free)
    {
        var waiting = Tracer.Begin();
        var reaped = queue.Reap(completions, wait: true);
        Tracer.WaitedForOutput(waiting);
        for (var i = 0; i < reaped; i++)
        {
            var (slot, transferred, error) = completions[i];
            var offset = plans[slot].FirstBlock * blockSize;
            if (Tracer.On)
            {
                Tracer.Log.TargetWriteReaped(slot, offset, transferred, error, queue.InFlight + reaped - i - 1);
            }

            if (error != 0)
            {
                throw new Devices.DeviceIoException(
                    targetName, offset, (long)plans[slot].Blocks * blockSize, "Writing", error,
                    new System.ComponentModel.Win32Exception(error).Message);
            }

            Debug.Assert(transferred > 0);
            free.Push(slot);
        }

        return reaped;
    }
}
