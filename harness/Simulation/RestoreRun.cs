using Tidemark.Engine.Chains;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Io;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Harness.Simulation;

/// <summary>Restores of simulations: all on the caller's thread. The oracle's go straight to the engine's pipeline.</summary>
internal static class RestoreRun
{
    // Small windows make many transfers of a small volume.
    private static readonly IoQueueOptions queue = new(4, 32 << 10);

    public static RestoreQueues Queues { get; } = new(queue, queue, 0);

    /// <summary>Overwrites the whole target; what couldn't be brought back is zero there and returned.</summary>
    public static List<BlockDamage> Whole(Chain chain, ImageReader image, SimulatedTarget target)
    {
        var lineage = chain.Lineage(image);
        var blockSize = image.Header.BlockSize;
        using var writes = target.OpenQueue(queue);
        using var pipeline = new WindowPipeline(lineage, chain.Hasher(image), writes, 0);
        var plan = new RestorePlan(new MergeCursor(lineage), blockSize, writes.BufferSize / blockSize);
        pipeline.Run(plan, target.WriteZeros, () => { }, target.Name, target.Process!.Cancellation);
        target.Flush();
        return pipeline.Damage;
    }
}
