using System.Diagnostics;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// Has workers prove the frames that an index refers to, each once and in the order of the payload, in large reads. The
/// caller's thread walks the index and gets what is wrong, in order. The way of verification.
/// </summary>
internal sealed class FramePipeline : IDisposable
{
    /// <summary>More workers than this wait for any store's disk, and each costs two batches.</summary>
    private const int MaxWorkers = 8;

    private readonly FrameBatch[] batches;
    private readonly Queue<int> order;
    private readonly Stack<int> free;
    private readonly FrameProver[] provers;
    private readonly WorkerCrew crew;
    private ImageReader? image;
    private BlockHasher? hasher;
    private Action<FrameDamage>? report;
    private int filling = -1;

    /// <param name="workers">Threads that prove frames; 0 proves them on the caller's, in an order that repeats.</param>
    public FramePipeline(int workers)
    {
        var inline = workers == 0;
        workers = Math.Clamp(workers, 1, MaxWorkers);
        batches = new FrameBatch[workers * 2];
        order = new Queue<int>(batches.Length);
        free = new Stack<int>(Enumerable.Range(0, batches.Length));
        for (var i = 0; i < batches.Length; i++)
        {
            batches[i] = new FrameBatch();
        }

        provers = [.. Enumerable.Range(0, workers).Select(_ => new FrameProver())];
        crew = new WorkerCrew("prove", batches.Length, [.. provers.Select(p => (Action<int>)(slot => p.Prove(batches[slot])))], inline);
    }

    /// <summary>Stored bytes of all frames proven so far.</summary>
    public long CheckedBytes { get; private set; }

    /// <param name="image">The image whose frames come next.</param>
    /// <param name="hasher">Proves every block's content; null to verify checksums only.</param>
    /// <param name="report">Told of damage by the caller's own thread, in order.</param>
    public void Begin(ImageReader image, BlockHasher? hasher, Action<FrameDamage> report)
    {
        Debug.Assert(order.Count == 0 && filling < 0);
        this.image = image;
        this.hasher = hasher;
        this.report = report;
    }

    /// <summary>Takes the next stored extent; frames come in the order of the payload.</summary>
    public void Add(in IndexExtent extent, ReadOnlySpan<UInt128> hashes)
    {
        if (filling >= 0 && batches[filling].TryAdd(extent, hashes))
        {
            return;
        }

        Hand();
        if (free.Count == 0)
        {
            TakeOldest();
        }

        filling = free.Pop();
        batches[filling].Begin(image!, hasher);
        var added = batches[filling].TryAdd(extent, hashes);
        Debug.Assert(added, "an empty batch takes any frame");
    }

    /// <summary>Waits until all frames are proven.</summary>
    public void Complete()
    {
        Hand();
        while (order.Count > 0)
        {
            TakeOldest();
        }
    }

    public void Dispose()
    {
        crew.Dispose();
        foreach (var prover in provers)
        {
            prover.Dispose();
        }
    }

    private void Hand()
    {
        if (filling < 0)
        {
            return;
        }

        order.Enqueue(filling);
        crew.Hand(filling);
        filling = -1;
    }

    private void TakeOldest()
    {
        var slot = order.Dequeue();
        var waiting = Tracer.Begin();
        crew.IsDone(slot, wait: true);
        Tracer.WaitedForOutput(waiting);
        var batch = batches[slot];
        CheckedBytes += batch.FrameBytes;
        batch.Damage.ForEach(report!);
        free.Push(slot);
    }
}
