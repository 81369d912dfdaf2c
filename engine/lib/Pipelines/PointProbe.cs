using System.Diagnostics;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// A volume as it was at an image, read at any offset: for the few reads that a partition table takes. Each goes through the
/// merged index anew, and every block is proven.
/// </summary>
internal sealed class PointProbe : BlockDevice
{
    /// <summary>Bytes of one step; the largest block fits.</summary>
    private const int StepBytes = ImageFormat.MaxBlockSize;

    /// <summary>Decoded frames kept: tables lie in two places.</summary>
    private const int CacheBytes = 4 << 20;

    /// <summary>EIO, what a read of damaged blocks answers.</summary>
    private const int DamagedError = 5;

    private readonly Lineage lineage;
    private readonly FrameCache frames;
    private readonly WindowFiller filler;
    private readonly WindowPlan plan;
    private readonly byte[] window = new byte[StepBytes];
    private readonly List<BlockDamage> damage = [];
    private readonly Lock gate = new();
    private readonly int blockSize;

    /// <param name="lineage">The image and its ancestors, newest first; they stay the caller's.</param>
    public PointProbe(Lineage lineage, BlockHasher hasher)
    {
        this.lineage = lineage;
        var header = lineage.Header;
        blockSize = header.BlockSize;
        frames = new FrameCache(lineage, new CacheBudget(CacheBytes, blockSize), keepsSpent: true);
        filler = new WindowFiller(lineage, hasher, frames);
        plan = new WindowPlan(StepBytes / blockSize);
        Geometry = DeviceGeometry.OfBytes(header.SourceBytes) with
        {
            LogicalSectorSize = header.LogicalSectorSize,
            PhysicalSectorSize = header.PhysicalSectorSize,
        };
    }

    public override string Name => lineage.Image.Name;

    public override DeviceGeometry Geometry { get; }

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        Debug.Assert(offset >= 0 && offset + buffer.Length <= Length);
        lock (gate)
        {
            var chain = new MergeCursor(lineage);
            while (buffer.Length > 0)
            {
                var first = offset / blockSize;
                var within = (int)(offset % blockSize);
                var count = Math.Min(buffer.Length, StepBytes - within);
                Fill(chain, first, (offset + count + blockSize - 1) / blockSize);
                window.AsSpan(within, count).CopyTo(buffer);
                buffer = buffer[count..];
                offset += count;
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        frames.Dispose();
        base.Dispose(disposing);
    }

    private void Fill(MergeCursor chain, long first, long end)
    {
        // A step may end within a block that the next one begins with; a cursor doesn't go back.
        chain = chain.Position > first ? new MergeCursor(lineage) : chain;
        chain.SkipTo(first);
        plan.Begin(first);
        while (chain.Read(end, out var extent))
        {
            RestorePlan.RequireKnown(extent);
            plan.Add(extent, extent.State.IsStored() ? chain.Hashes : []);
        }

        damage.Clear();
        filler.Fill(plan, window.AsSpan(0, plan.Blocks * blockSize), damage);
        if (damage.Count > 0)
        {
            throw new DeviceIoException(
                Name, damage[0].FirstBlock * blockSize, damage[0].Count * blockSize, "Reading", DamagedError, damage[0].Reason);
        }
    }
}
