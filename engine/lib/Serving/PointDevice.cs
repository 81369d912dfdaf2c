using System.Diagnostics;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;

namespace Tidemark.Engine.Serving;

/// <summary>
/// A volume as it was at an image: read at any offset from any thread, straight from the chain. Every block read is proven by
/// its identity hash; what is damaged, or couldn't be read when it was imaged, is an error for its own range alone.
/// </summary>
internal sealed class PointDevice : BlockDevice
{
    /// <summary>
    /// Kept in memory unless told otherwise, so that a server stays within 64 MiB: the index of 3 GiB of data, or of a
    /// gibibyte that is changed everywhere, and a few dozen frames.
    /// </summary>
    public const long DefaultCacheBytes = 28 << 20;

    /// <summary>
    /// The part of it that holds the index: going back to a region costs a page of each image, going back to a frame one
    /// frame, and who reads at random hardly ever meets a frame twice.
    /// </summary>
    private const double IndexShare = 0.75;

    /// <summary>Bytes of index for who goes through a volume in order.</summary>
    public const long StreamingIndexBytes = 4 << 20;

    /// <summary>EIO of Linux: what a read answers that can't be done.</summary>
    private const int ReadError = 5;

    /// <summary>Blocks proven at a time.</summary>
    private const int ProofBlocks = 64;

    private readonly BlockHasher hasher;
    private readonly SharedFrames frames;
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
        var indexBytes = (long)(cacheBytes * IndexShare);
        Index = new PointIndex(lineage, indexBytes);
        frames = new SharedFrames(lineage, cacheBytes - indexBytes);
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

    public override string Name => name;

    public override DeviceGeometry Geometry { get; }

    public override void ReadAt(long offset, Span<byte> buffer)
    {
        Debug.Assert(offset >= 0 && offset + buffer.Length <= Length);
        while (!buffer.IsEmpty)
        {
            var block = offset / blockSize;
            var table = Index.At(block);
            var now = (int)Math.Min(buffer.Length, (table.End * blockSize) - offset);
            Read(table, offset, buffer[..now]);
            offset += now;
            buffer = buffer[now..];
        }
    }

    public override DeviceExtent ExtentAt(long offset)
    {
        Debug.Assert(offset >= 0 && offset < Length);
        var block = offset / blockSize;
        var table = Index.At(block);
        var zeros = table.RunAt(block, out var index).State.ReadsAsZeros();
        while (index + 1 < table.RunCount && table.Run(index + 1).State.ReadsAsZeros() == zeros)
        {
            index++;
        }

        var end = zeros && index + 1 == table.RunCount ? table.ZerosEnd : table.EndOf(index);
        return new DeviceExtent(
            offset, Math.Min(Length, end * blockSize) - offset, zeros ? ExtentKind.Unallocated : ExtentKind.Data);
    }

    protected override void Dispose(bool disposing)
    {
        frames.Dispose();
        base.Dispose(disposing);
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
                ReadStored(table, extent, offset, buffer[..now]);
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

    private void ReadStored(RegionTable table, in RegionExtent extent, long offset, Span<byte> buffer)
    {
        if (extent.State == BlockState.Unreadable)
        {
            RequireReadable(offset, buffer.Length);
        }

        var frame = frames.Borrow(extent.Layer, extent.Frame);
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
        }
        finally
        {
            frames.Return(frame);
        }
    }

    private void Prove(ReadOnlySpan<byte> plain, ReadOnlySpan<UInt128> known, long first)
    {
        Span<UInt128> its = stackalloc UInt128[ProofBlocks];
        for (var at = 0; at < known.Length; at += ProofBlocks)
        {
            var count = Math.Min(ProofBlocks, known.Length - at);
            hasher.HashBlocks(plain.Slice(at * blockSize, count * blockSize), blockSize, its[..count]);
            var same = its[..count].CommonPrefixLength(known.Slice(at, count));
            if (same < count)
            {
                throw Damage(
                    (first + at + same) * blockSize, blockSize, "the content doesn't have the hash in the index");
            }
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
