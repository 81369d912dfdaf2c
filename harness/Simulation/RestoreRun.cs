using Tidemark.Engine.Chains;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Io;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Harness.Simulation;

/// <summary>Restores through the engine's pipelines, all on the caller's thread.</summary>
internal static class RestoreRun
{
    // Small windows make many transfers of a small volume.
    private static readonly IoQueueOptions queue = new(4, 32 << 10);

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

    /// <summary>Writes only what differs from what the target holds.</summary>
    public static List<BlockDamage> Delta(Chain chain, ImageReader image, SimulatedTarget target)
    {
        var lineage = chain.Lineage(image);
        var blockSize = image.Header.BlockSize;
        var hasher = chain.Hasher(image);
        var cancellation = target.Process!.Cancellation;
        using var writes = target.OpenQueue(queue);
        using var pipeline = new WindowPipeline(lineage, hasher, writes, 0);
        using var scan = new SourceScan(target, hasher, blockSize, queue);
        var plan = new DeltaPlan(new MergeCursor(lineage), writes.BufferSize / blockSize, 1);
        var delta = new DeltaPipeline(
            new MergeCursor(lineage), plan, () => pipeline.Run(plan, target.WriteZeros, () => { }, target.Name, cancellation), blockSize,
            hasher.HashBlock(new byte[blockSize]));
        scan.Run(delta, () => { }, cancellation);
        delta.Complete();
        target.Flush();
        return pipeline.Damage;
    }
}
