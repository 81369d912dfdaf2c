using System.Diagnostics;
using System.Runtime.CompilerServices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Index;

namespace Tidemark.Engine.Serving;

/// <summary>Consecutive blocks of a region in one state, and where they are.</summary>
/// <param name="First">The first block, counted from the volume's beginning.</param>
/// <param name="HashIndex">Where the hashes of stored blocks begin in the region's.</param>
internal readonly record struct RegionRun(
    long First, long FrameOffset, int FrameLength, int HashIndex, short Level, ushort BlockInFrame, BlockState State)
{
    // Apart, the members pack into 32 bytes.
    public FrameRef Frame => new(FrameOffset, FrameLength);
}

/// <summary>
/// The merged index of a few thousand neighbouring blocks, flat and immutable: found by binary search, read from any thread.
/// </summary>
internal sealed class RegionTable
{
    private readonly RegionRun[] runs;
    private readonly UInt128[] hashes;

    private RegionTable(long first, long end, RegionRun[] runs, UInt128[] hashes, long zerosEnd)
    {
        First = first;
        End = end;
        ZerosEnd = zerosEnd;
        this.runs = runs;
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
    public long Bytes => ((long)runs.Length * Unsafe.SizeOf<RegionRun>()) + ((long)hashes.Length * ImageFormat.DigestSize) + 128;

    /// <summary>
    /// Reads the cursor, one that salvages, from <paramref name="first"/> to <paramref name="end"/>. What no index knows is
    /// lost too.
    /// </summary>
    public static RegionTable Build(MergeCursor chain, long first, long end, List<RegionRun> runs, List<UInt128> hashes)
    {
        Debug.Assert(first < end && end <= chain.BlockCount);
        runs.Clear();
        hashes.Clear();
        if (chain.Position != first)
        {
            chain.SeekTo(first);
        }

        while (chain.Read(end, out var run))
        {
            var state = run.State == BlockState.Absent ? BlockState.Lost : run.State;
            if (state.IsStored())
            {
                runs.Add(new RegionRun(
                    run.First, run.Frame.Offset, run.Frame.Length, hashes.Count, (short)run.Level, (ushort)run.BlockInFrame, state));
                hashes.AddRange(chain.Hashes);
            }
            else if (runs.Count == 0 || runs[^1].State != state)
            {
                runs.Add(new RegionRun(run.First, 0, 0, 0, (short)run.Level, 0, state));
            }
        }

        return new RegionTable(first, end, [.. runs], [.. hashes], ZerosBehind(chain, runs[^1], end));
    }

    /// <summary>The run that covers a block; <paramref name="index"/> is its number.</summary>
    public ref readonly RegionRun RunAt(long block, out int index)
    {
        Debug.Assert(block >= First && block < End);
        int low = 0, high = runs.Length;
        while (high - low > 1)
        {
            var middle = (low + high) >>> 1;
            (low, high) = runs[middle].First <= block ? (middle, high) : (low, middle);
        }

        index = low;
        return ref runs[low];
    }

    public int RunCount => runs.Length;

    public ref readonly RegionRun Run(int index) => ref runs[index];

    /// <summary>The block behind a run's last.</summary>
    public long EndOf(int index) => index + 1 < runs.Length ? runs[index + 1].First : End;

    /// <summary>Hashes of a stored run, from a block of it on.</summary>
    public ReadOnlySpan<UInt128> Hashes(in RegionRun run, long block, int count) =>
        hashes.AsSpan(run.HashIndex + (int)(block - run.First), count);

    /// <summary>How far zeros go on behind the region; a bounded look ahead, since each step may read a page.</summary>
    private static long ZerosBehind(MergeCursor chain, in RegionRun last, long end)
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
