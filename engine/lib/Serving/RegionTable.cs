using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Index;
using Tidemark.Engine.Pipelines;

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
internal sealed class RegionTable : CachedItem
{
    private readonly PointIndex owner;
    private readonly RegionExtent[] extents;
    private readonly byte[] hashes;

    private RegionTable(
        PointIndex owner, int worth, long first, long end, RegionExtent[] extents, int count, byte[] hashes, long zerosEnd)
        : base(isTable: true, worth, ((long)extents.Length * Unsafe.SizeOf<RegionExtent>()) + hashes.Length + Overhead)
    {
        this.owner = owner;
        RunCount = count;
        First = first;
        End = end;
        ZerosEnd = zerosEnd;
        this.extents = extents;
        this.hashes = hashes;
    }

    /// <summary>Bytes of the objects themselves, about.</summary>
    private const int Overhead = 256;

    public long First { get; }

    public long End { get; }

    /// <summary>
    /// Where the zeros end that the region's last extent begins, which may be far behind its end: so that a sparse volume is
    /// told in few steps. The region's end where the last extent has content.
    /// </summary>
    public long ZerosEnd { get; }

    /// <summary>Those who read it now; under the budget's lock.</summary>
    public int Borrowers { get; set; }

    /// <summary>The buffer of its hashes.</summary>
    public byte[] Buffer => hashes;

    /// <summary>The array of its extents, for the next table.</summary>
    public RegionExtent[] Extents => extents;

    /// <summary>
    /// Reads the cursor, one that salvages, from <paramref name="first"/> to <paramref name="end"/>. What no index knows is
    /// lost too.
    /// </summary>
    /// <param name="extents">Room to gather extents in, as <paramref name="hashes"/> is for hashes.</param>
    public static RegionTable Build(
        PointIndex owner, MergeCursor chain, long first, long end, List<RegionExtent> extents, List<UInt128> hashes, int worth,
        CacheBudget budget)
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

        // A whole buffer where hashes nearly fill it: those of a region of data have just its size.
        var bytes = MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(hashes));
        var buffer = bytes.Length <= budget.BufferSize && bytes.Length > budget.BufferSize / 4 * 3
            ? budget.TakeBuffer()
            : GC.AllocateUninitializedArray<byte>(bytes.Length);
        bytes.CopyTo(buffer);
        var runs = owner.TakeExtents(extents.Count);
        extents.CopyTo(runs);
        return new RegionTable(owner, worth, first, end, runs, extents.Count, buffer, ZerosBehind(chain, extents[^1], end));
    }

    public override void Evict() => owner.Release(this);

    /// <summary>The extent that covers a block; <paramref name="index"/> is its number.</summary>
    public ref readonly RegionExtent RunAt(long block, out int index)
    {
        Debug.Assert(block >= First && block < End);
        int low = 0, high = RunCount;
        while (high - low > 1)
        {
            var middle = (low + high) >>> 1;
            (low, high) = extents[middle].First <= block ? (middle, high) : (low, middle);
        }

        index = low;
        return ref extents[low];
    }

    public int RunCount { get; }

    public ref readonly RegionExtent Run(int index) => ref extents[index];

    /// <summary>The block behind an extent's last.</summary>
    public long EndOf(int index) => index + 1 < RunCount ? extents[index + 1].First : End;

    /// <summary>Hashes of a stored extent, from a block of it on.</summary>
    public ReadOnlySpan<UInt128> Hashes(in RegionExtent extent, long block, int count) =>
        MemoryMarshal.Cast<byte, UInt128>(hashes).Slice(extent.HashIndex + (int)(block - extent.First), count);

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
