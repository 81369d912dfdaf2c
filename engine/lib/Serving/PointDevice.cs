using System.Diagnostics;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Engine.Serving;

/// <summary>
/// A volume as it was at an image: read at any offset from any thread, straight from the chain. Every block read is proven by
/// its identity hash; what is damaged, or couldn't be read when it was imaged, is an error for its own range alone.
/// </summary>
internal sealed class PointDevice : BlockDevice
{
    /// <summary>
    /// Kept in memory unless told otherwise, so that a server stays within 64 MiB: for reads at random the index of 4 GiB of data,
    /// or of a gibibyte that is changed everywhere; for reads in order most of the frames of 250 images that are wanted at any
    /// place.
    /// </summary>
    public const long DefaultCacheBytes = 24 << 20;

    /// <summary>EIO of Linux: what a read answers that can't be done.</summary>
    private const int ReadError = 5;

    /// <summary>Extents behind a read that are looked at for another block of its frame; the rest of a frame is hardly ever behind more.</summary>
    private const int RunsAhead = 8;

    private readonly BlockHasher hasher;
    private readonly FrameCache frames;
    private readonly RangeSet bad = new();
    private readonly bool badIsKnown;
    private readonly int blockSize;
    private readonly string name;

    /// <param name="lineage">The point in time; its images stay the caller's.</param>
    /// <param name="hasher">The chain's identity hash.</param>
    /// <param name="cacheBytes">Bytes of index and decoded frames to keep.</param>
    public PointDevice(Lineage lineage, BlockHasher hasher, long cacheBytes = DefaultCacheBytes)
    {
        this.hasher = hasher;
        var header = lineage.Header;
        name = lineage.Image.Name;
        blockSize = header.BlockSize;
        Budget = new CacheBudget(cacheBytes, blockSize);
        Index = new PointIndex(lineage, Budget);
        frames = new FrameCache(lineage, Budget, keepsSpent: true);
        Geometry = DeviceGeometry.OfBytes(header.SourceBytes) with
        {
            LogicalSectorSize = header.LogicalSectorSize,
            PhysicalSectorSize = header.PhysicalSectorSize,
        };
        if (lineage.Image.TryReadMetadata() is { } metadata)
        {
            badIsKnown = true;
            for (var i = 0; i + 1 < metadata.Unreadable.Count; i += 2)
            {
                var (offset, length) = (metadata.Unreadable[i], metadata.Unreadable[i + 1]);
                if (offset >= 0 && length > 0 && offset < header.SourceBytes)
                {
                    bad.Add(offset, offset + Math.Min(length, header.SourceBytes - offset));
                }
            }
        }
    }

    public PointIndex Index { get; }

    /// <summary>Bounds index and frames together.</summary>
    public CacheBudget Budget { get; }

    /// <summary>Frames decoded so far.</summary>
    public long FramesDecoded => frames.Decoded;

    public override string Name => name;

    public override DeviceGeometry Geometry { get; }

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        Debug.Assert(offset >= 0 && offset + buffer.Length <= Length);
        while (!buffer.IsEmpty)
        {
            var block = offset / blockSize;
            var table = Index.Borrow(block);
            var now = (int)Math.Min(buffer.Length, (table.End * blockSize) - offset);
            try
            {
                Read(table, offset, buffer[..now]);
            }
            finally
            {
                Index.Return(table);
            }

            offset += now;
            buffer = buffer[now..];
        }
    }

    public override DeviceExtent ExtentAt(long offset)
    {
        Debug.Assert(offset >= 0 && offset < Length);
        var block = offset / blockSize;
        var table = Index.Borrow(block);
        try
        {
            return ExtentAt(table, block, offset);
        }
        finally
        {
            Index.Return(table);
        }
    }

    protected override void Dispose(bool disposing)
    {
        frames.Dispose();
        base.Dispose(disposing);
    }

    private DeviceExtent ExtentAt(RegionTable table, long block, long offset)
    {
        var zeros = table.RunAt(block, out var index).State.ReadsAsZeros();
        while (index + 1 < table.RunCount && table.Run(index + 1).State.ReadsAsZeros() == zeros)
        {
            index++;
        }

        var end = zeros && index + 1 == table.RunCount ? table.ZerosEnd : table.EndOf(index);
        return new DeviceExtent(
            offset, Math.Min(Length, end * blockSize) - offset, zeros ? ExtentKind.Unallocated : ExtentKind.Data);
    }

    /// <summary>Fills a buffer whose blocks all lie in one table.</summary>
    private void Read(RegionTable table, long offset, Span<byte> buffer)
    {
        table.RunAt(offset / blockSize, out var index);
        while (!buffer.IsEmpty)
        {
            ref readonly var extent = ref table.Run(index);
            var now = (int)Math.Min(buffer.Length, (table.EndOf(index) * blockSize) - offset);
            if (extent.State.IsStored())
            {
                ReadStored(table, index, offset, buffer[..now]);
            }
            else if (extent.State == BlockState.Lost)
            {
                Index.Forget(offset / blockSize);
                throw Damage(offset, now, "what these blocks held is lost, or the part of an index that tells of them is damaged");
            }
            else
            {
                buffer[..now].Clear();
            }

            index++;
            offset += now;
            buffer = buffer[now..];
        }
    }

    private void ReadStored(RegionTable table, int index, long offset, Span<byte> buffer)
    {
        ref readonly var extent = ref table.Run(index);
        if (extent.State == BlockState.Unreadable)
        {
            RequireReadable(offset, buffer.Length);
        }

        var frame = Borrow(extent, offset, buffer.Length);
        var spent = false;
        try
        {
            if (frame.Problem is { } problem)
            {
                throw Damage(offset, buffer.Length, problem);
            }

            var first = offset / blockSize;
            var count = (int)((offset + buffer.Length - 1) / blockSize - first) + 1;
            var start = (extent.BlockInFrame + (int)(first - extent.First)) * blockSize;
            if (start + (count * blockSize) > frame.Plain.Length)
            {
                throw Damage(offset, buffer.Length, "the frame holds fewer blocks than the index says");
            }

            var plain = frame.Plain.Slice(start, count * blockSize);
            Prove(plain, table.Hashes(extent, first, count), first);
            plain.Slice((int)(offset - (first * blockSize)), buffer.Length).CopyTo(buffer);
            spent = IsLast(table, index, (offset + buffer.Length) / blockSize, frame);
        }
        finally
        {
            frames.Return(frame, spent);
        }
    }

    private CachedFrame Borrow(in RegionExtent extent, long offset, int length)
    {
        try
        {
            return frames.Borrow(extent.Layer, extent.Frame);
        }
        catch (TidemarkException e)
        {
            throw Damage(offset, length, e.Message);
        }
    }

    /// <summary>Whether no block from <paramref name="end"/> on comes from a frame, by what the extents ahead say.</summary>
    private static bool IsLast(RegionTable table, int index, long end, CachedFrame frame)
    {
        if (end < Math.Min(table.EndOf(index), frame.End))
        {
            return false;
        }

        for (var next = index + 1; next < Math.Min(table.RunCount, index + RunsAhead); next++)
        {
            ref readonly var extent = ref table.Run(next);
            if (extent.First >= frame.End)
            {
                return true;
            }

            if (extent.Layer == frame.Layer && extent.Frame == frame.Reference && extent.State.IsStored())
            {
                return false;
            }
        }

        return end >= frame.End;
    }

    private void Prove(ReadOnlySpan<byte> plain, ReadOnlySpan<UInt128> known, long first)
    {
        if (hasher.FirstWrong(plain, blockSize, known) is var wrong && wrong >= 0)
        {
            throw Damage((first + wrong) * blockSize, blockSize, "the content doesn't have the hash in the index");
        }
    }

    /// <summary>Unreadable isn't zero: sectors that couldn't be read when they were imaged can't be read now.</summary>
    private void RequireReadable(long offset, long length)
    {
        long at;
        lock (bad)
        {
            at = badIsKnown ? bad.FirstIn(offset, offset + length) : offset;
        }

        if (at >= 0)
        {
            throw Damage(offset, length, $"the source couldn't be read at {at} when it was imaged");
        }
    }

    private DeviceIoException Damage(long offset, long length, string reason) =>
        new(Name, offset, length, "Reading", ReadError, reason);
}
