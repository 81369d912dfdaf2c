using System.Diagnostics;
using System.Runtime.CompilerServices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Index;

namespace Tidemark.Engine.Serving;

/// <summary>Consecutive blocks of a region in one state, and where they are.</summary>
/// <param name="First">The first block, counted from the volume's beginning.</param>
/// <param name="HashIndex">Where the hashes of stored blocks begin in the region's.</param>
internal readonly record struct RegionExtent(
    long First, long FrameOffset, int FrameLength, int HashIndex, short Layer, ushort BlockInFrame, BlockState State)
{
    // Apart, the members pack into 32 bytes.
    public FrameRef Frame => new(FrameOffset, FrameLength);
}

/// <summary>
/// The merged index of a few thousand neighbouring blocks, flat and immutable: found by binary search, read from any thread.
/// </summary>
internal sealed class RegionTable
{
    private readonly RegionExtent[] extents;
    private readonly UInt128[] hashes;

    private RegionTable(long first, long end, RegionExtent[] extents, UInt128[] hashes, long zerosEnd)
    {
        First = first;
        End = end;
        ZerosEnd = zerosEnd;
        this.extents = extents;
        this.hashes = hashes;
    }

    public long First { get; }

    public long End { get; }

    /// <summary>
    /// Where the zeros end that the region's last run begins, which may be far behind its end: so that a sparse volume is
    /// told in few steps. The region's end where the last run has content.
    /// </summary>
    public long ZerosEnd { get; }

    /// <summary>Memory it takes, near enough to keep a bound.</summary>
    public long Bytes => ((long)extents.Length * Unsafe.SizeOf<RegionExtent>()) + ((long)hashes.Length * ImageFormat.DigestSize) + 128;

    /// <summary>
    /// Reads the cursor, one that salvages, from <paramref name="first"/> to <paramref name="end"/>. What no index knows is
    /// lost too.
    /// </summary>
    public static RegionTable Build(MergeCursor chain, long first, long end, List<RegionExtent> extents, List<UInt128> hashes)
    {
        Debug.Assert(first < end && end <= chain.BlockCount);
        extents.Clear();
        hashes.Clear();
        if (chain.Position != first)
        {
            chain.SeekTo(first);
        }

        while (chain.Read(end, out var extent))
        {
            var state = extent.State == BlockState.Absent ? BlockState.Lost : extent.State;
            if (state.IsStored())
            {
                extents.Add(new RegionExtent(
                    extent.First, extent.Frame.Offset, extent.Frame.Length, hashes.Count, (short)extent.Layer, (ushort)extent.BlockInFrame, state));
                hashes.AddRange(chain.Hashes);
            }
            else if (extents.Count == 0 || extents[^1].State != state)
            {
                extents.Add(new RegionExtent(extent.First, 0, 0, 0, (short)extent.Layer, 0, state));
            }
        }

        return new RegionTable(first, end, [.. extents], [.. hashes], ZerosBehind(chain, extents[^1], end));
    }

    /// <summary>The run that covers a block; <paramref name="index"/> is its number.</summary>
    public ref readonly RegionExtent RunAt(long block, out int index)
    {
        Debug.Assert(block >= First && block < End);
        int low = 0, high = extents.Length;
        while (high - low > 1)
        {
            var middle = (low + high) >>> 1;
            (low, high) = extents[middle].First <= block ? (middle, high) : (low, middle);
        }

        index = low;
        return ref extents[low];
    }

    public int RunCount => extents.Length;

    public ref readonly RegionExtent Run(int index) => ref extents[index];

    /// <summary>The block behind a run's last.</summary>
    public long EndOf(int index) => index + 1 < extents.Length ? extents[index + 1].First : End;

    /// <summary>Hashes of a stored run, from a block of it on.</summary>
    public ReadOnlySpan<UInt128> Hashes(in RegionExtent extent, long block, int count) =>
        hashes.AsSpan(extent.HashIndex + (int)(block - extent.First), count);

    /// <summary>How far zeros go on behind the region; a bounded look ahead, since each step may read a page.</summary>
    private static long ZerosBehind(MergeCursor chain, in RegionExtent last, long end)
    {
        const int MaxSteps = 256;
        if (!last.State.ReadsAsZeros())
        {
            return end;
        }

        for (var i = 0; i < MaxSteps && chain.PeekZeros(out var next); i++)
        {
            chain.Read(next, out _);
            end = next;
        }

        return end;
    }
}
