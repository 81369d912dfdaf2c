using System.Diagnostics;
using Tidemark.Engine.Images;

namespace Tidemark.Engine.Packing;

/// <summary>
/// Consecutive changes on their way into the image: the blocks of one frame and the runs of the index, in block order.
/// Taken once and used again and again.
/// </summary>
internal sealed class FrameJob
{
    /// <summary>
    /// Runs at most: a frame of the smallest blocks and as many runs without content between them.
    /// </summary>
    private const int MaxRuns = ImageFormat.MaxFrameRuns * 2;

    private readonly byte[] plain;
    private readonly byte[] frame;
    private readonly UInt128[] hashes;
    private readonly (long First, long Count, BlockState State)[] runs = new (long, long, BlockState)[MaxRuns];
    private readonly BlockRange[] ranges = new BlockRange[ImageFormat.MaxFrameRuns];

    public FrameJob(int frameBytes, int blockSize)
    {
        plain = new byte[frameBytes];
        frame = new byte[FrameEncoder.MaxStored(frameBytes)];
        hashes = new UInt128[frameBytes / blockSize];
    }

    public int PlainLength { get; private set; }

    public int Blocks { get; private set; }

    public int RunCount { get; private set; }

    /// <summary>Stored bytes of the encoded frame; 0 for a job without one.</summary>
    public int FrameLength { get; private set; }

    public bool IsEmpty => RunCount == 0;

    public ReadOnlySpan<byte> Frame => frame.AsSpan(0, FrameLength);

    public ReadOnlySpan<UInt128> Hashes => hashes.AsSpan(0, Blocks);

    public ReadOnlySpan<(long First, long Count, BlockState State)> Runs => runs.AsSpan(0, RunCount);

    /// <summary>False if the job is full and another has to take the block.</summary>
    public bool TryAddBlock(long block, BlockState state, UInt128 hash, ReadOnlySpan<byte> data)
    {
        Debug.Assert(state.IsStored());
        if (Blocks == hashes.Length || !TryExtend(block, 1, state))
        {
            return false;
        }

        data.CopyTo(plain.AsSpan(PlainLength));
        PlainLength += data.Length;
        hashes[Blocks++] = hash;
        return true;
    }

    public bool TryAddRun(long first, long count, BlockState state)
    {
        Debug.Assert(!state.IsStored());
        return TryExtend(first, count, state);
    }

    /// <summary>Makes the frame of what was added, if there are stored blocks.</summary>
    public void Encode(FrameEncoder encoder, long ordinal)
    {
        if (Blocks == 0)
        {
            return;
        }

        var count = 0;
        foreach (var run in Runs)
        {
            if (!run.State.IsStored())
            {
                continue;
            }

            // Runs that differ in state alone are one range of the frame.
            if (count > 0 && ranges[count - 1].End == run.First)
            {
                ranges[count - 1] = ranges[count - 1] with { Count = ranges[count - 1].Count + (int)run.Count };
            }
            else
            {
                ranges[count++] = new BlockRange(run.First, (int)run.Count);
            }
        }

        FrameLength = encoder.Encode(plain.AsSpan(0, PlainLength), ranges.AsSpan(0, count), ordinal, frame);
    }

    public void Clear() => PlainLength = Blocks = RunCount = FrameLength = 0;

    private bool TryExtend(long first, long count, BlockState state)
    {
        if (RunCount > 0)
        {
            ref var last = ref runs[RunCount - 1];
            Debug.Assert(first >= last.First + last.Count, "blocks come in order, each once");
            if (last.State == state && last.First + last.Count == first)
            {
                last.Count += count;
                return true;
            }
        }

        if (RunCount == MaxRuns)
        {
            return false;
        }

        runs[RunCount++] = (first, count, state);
        return true;
    }
}
