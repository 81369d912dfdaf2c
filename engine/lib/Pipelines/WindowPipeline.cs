using System.Diagnostics;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
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

    private const int NoSlot = -1;

    /// <summary>More workers than this outrun every target, and each costs buffers.</summary>
    private const int MaxWorkers = 16;

    /// <summary>What lies between two frames of an image is read with them up to this size: a seek costs more.</summary>
    private const int MaxGap = 64 << 10;

    private readonly Lineage lineage;
    private readonly int blockSize;
    private readonly ByteRange view;
    private readonly IoQueue queue;
    private readonly RatePacer? pacer;
    private readonly HeldHead? head;
    private readonly WindowPlan[] plans;
    private readonly List<BlockDamage>[] damage;
    private readonly FrameCache frames;
    private readonly WindowFiller filler;
    private readonly WorkerCrew crew;
    private readonly IoCompletion[] completions;

    /// <param name="lineage">The image and its ancestors, newest first.</param>
    /// <param name="queue">Where windows are written, in its buffers; the caller disposes it.</param>
    /// <param name="workers">Threads that fill windows; 0 fills them on the caller's, in an order that repeats.</param>
    /// <param name="pacer">Holds the writes to a rate; null for full speed.</param>
    /// <param name="view">The part of the volume that is written, in bytes; null for all of it. It begins the target.</param>
    /// <param name="head">Keeps the target's first page back; null writes it in its turn.</param>
    public WindowPipeline(
        Lineage lineage, BlockHasher hasher, IoQueue queue, int workers, RatePacer? pacer = null, ByteRange? view = null,
        HeldHead? head = null)
    {
        this.lineage = lineage;
        this.head = head;
        this.view = view ?? new ByteRange(0, lineage.Header.SourceBytes);
        this.queue = queue;
        this.pacer = pacer;
        blockSize = lineage.Header.BlockSize;
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
        frames = new FrameCache(lineage, new CacheBudget(CacheBytes, blockSize), keepsSpent: false);
        filler = new WindowFiller(lineage, hasher, frames);
        crew = new WorkerCrew("fill", slots, [.. Enumerable.Repeat<Action<int>>(Fill, workers)], inline);
    }

    /// <summary>Bytes of the volume done so far: written, known to be zero, or proven.</summary>
    public long DoneBytes { get; private set; }

    /// <summary>Bytes handed to the target, or proven.</summary>
    public long WrittenBytes { get; private set; }

    /// <summary>Blocks that carry the mark of unreadable sectors.</summary>
    public long UnreadableBlocks { get; private set; }

    /// <summary>What couldn't be brought back, in block order.</summary>
    public List<BlockDamage> Damage { get; } = [];

    /// <param name="zeros">
    /// Called for ranges of the target's bytes that are zeros, in order: after the writes of what lies before were submitted.
    /// </param>
    /// <param name="targetName">What messages call the target.</param>
    /// <param name="kept">Called in the same way for ranges that are free and left as they are.</param>
    public void Run(
        IWindowSource plan, Action<long, long> zeros, Action tick, string targetName, CancellationToken cancellation,
        Action<long, long>? kept = null)
    {
        var free = new Stack<int>(Enumerable.Range(0, plans.Length));
        var order = new Queue<Step>(2 * plans.Length);
        var writing = 0;
        var more = true;
        while (true)
        {
            while (more && free.TryPeek(out var slot))
            {
                cancellation.ThrowIfCancellationRequested();
                more = plan.TryNext(plans[slot], out var blocks);
                if (more && blocks.Count > 0)
                {
                    order.Enqueue(new Step(NoSlot, blocks));
                }
                else if (more)
                {
                    free.Pop();
                    order.Enqueue(new Step(slot, default));
                    Expect(plans[slot]);
                    Hand(slot);
                }

                tick();
            }

            while (order.TryPeek(out var next) && (next.Slot == NoSlot || IsFilled(next.Slot, wait: writing == 0)))
            {
                order.Dequeue();
                if (next.Slot == NoSlot)
                {
                    Pass(next.Empty, next.Empty.Kept ? kept : zeros);
                }
                else
                {
                    writing += Write(next.Slot, cancellation);
                }
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
        frames.Dispose();
    }

    /// <summary>
    /// Tells the store what a window is made of while earlier ones are being filled: workers that decode would else wait
    /// for each frame.
    /// </summary>
    private void Expect(WindowPlan plan)
    {
        var (layer, from, to) = (-1, 0L, 0L);
        foreach (ref readonly var piece in plan.Pieces)
        {
            if (!piece.State.IsStored())
            {
                continue;
            }

            var (first, end) = (piece.Frame.Offset, piece.Frame.Offset + piece.Frame.Length);
            if (piece.Layer == layer && first >= from && first - to <= MaxGap)
            {
                to = Math.Max(to, end);
                continue;
            }

            if (layer >= 0)
            {
                lineage[layer].ExpectPayload(from, to - from);
            }

            (layer, from, to) = (piece.Layer, first, end);
        }

        if (layer >= 0)
        {
            lineage[layer].ExpectPayload(from, to - from);
        }
    }

    private void Hand(int slot)
    {
        damage[slot].Clear();
        crew.Hand(slot);
    }

    private void Fill(int slot)
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

    private void Pass(in EmptyBlocks blocks, Action<long, long>? empty)
    {
        var first = Math.Max(view.Offset, blocks.First * blockSize);
        var end = Math.Min(view.End, (blocks.First + blocks.Count) * blockSize);
        Debug.Assert(first < end);
        empty?.Invoke(first - view.Offset, end - first);
        DoneBytes += end - first;
    }

    /// <summary>Writes a filled window; returns the transfers begun.</summary>
    private int Write(int slot, CancellationToken cancellation)
    {
        var plan = plans[slot];
        var first = plan.FirstBlock * blockSize;
        var skipped = (int)Math.Max(0, view.Offset - first);
        var bytes = (int)Math.Min((long)plan.Blocks * blockSize, view.End - first) - skipped;
        var offset = first + skipped - view.Offset;
        Debug.Assert(bytes > 0);
        if (skipped > 0)
        {
            // A block that the view begins in: a transfer takes a buffer from its start.
            queue.Buffer(slot).Slice(skipped, bytes).CopyTo(queue.Buffer(slot));
        }

        head?.Take(offset, queue.Buffer(slot)[..bytes]);
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
            var offset = Math.Max(0, (plans[slot].FirstBlock * blockSize) - view.Offset);
            if (Tracer.On)
            {
                Tracer.Log.TargetWriteReaped(slot, offset, transferred, error, queue.InFlight + reaped - i - 1);
            }

            if (error != 0)
            {
                throw new DeviceIoException(
                    targetName, offset, (long)plans[slot].Blocks * blockSize, "Writing", error,
                    new System.ComponentModel.Win32Exception(error).Message);
            }

            Debug.Assert(transferred > 0);
            free.Push(slot);
        }

        return reaped;
    }

    /// <summary>What is written next: a window, or zeros.</summary>
    private readonly record struct Step(int Slot, EmptyBlocks Empty);
}
