using Tidemark.Engine.Format;

namespace Tidemark.Engine.Packing;

/// <summary>
/// Consecutive changes on their way into the image: the blocks of one frame and the extents of the index, in block order.
/// Taken once and used again and again.
/// </summary>
internal sealed class FrameJob
{
    private readonly byte[] plain;
    private readonly byte[] frame;
    private readonly UInt128[] hashes;
    private readonly BlockRange[] extents = new BlockRange[ImageFormat.MaxFrameRanges];

    public FrameJob(int frameBytes, int blockSize)
    {
        plain = new byte[frameBytes];
        frame = new byte[FrameEncoder.Room(frameBytes)];
        hashes = new UInt128[frameBytes / blockSize];
    }

    public int PlainLength { get; private set; }

    public int Blocks { get; private set; }

    public int ExtentCount { get; private set; }

    /// <summary>Stored bytes of the encoded frame.</summary>
    public int FrameLength { get; private set; }

    public bool IsEmpty => ExtentCount == 0;

    public ReadOnlySpan<byte> Frame => frame.AsSpan(0, FrameLength);

    public ReadOnlySpan<UInt128> Hashes => hashes.AsSpan(0, Blocks);

    public ReadOnlySpan<BlockRange> Extents => extents.AsSpan(0, ExtentCount);

    /// <summary>False if the job is full and another has to take the block.</summary>
    public bool TryAddBlock(long block, BlockState state, UInt128 hash, ReadOnlySpan<byte> data)
    {
        Invariant.Holds(state.IsStored());
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
        Invariant.Holds(!state.IsStored());
        return TryExtend(first, count, state);
    }

    /// <summary>Makes the frame of what was added.</summary>
    public void Encode(FrameEncoder encoder, long ordinal) =>
        FrameLength = encoder.Encode(plain.AsSpan(0, PlainLength), Extents, ordinal, frame);

    public void Clear() => PlainLength = Blocks = ExtentCount = FrameLength = 0;

    private bool TryExtend(long first, long count, BlockState state)
    {
        if (ExtentCount > 0)
        {
            ref var last = ref extents[ExtentCount - 1];
            Invariant.Holds(first >= last.End, "blocks come in order, each once");
            if (last.State == state && last.End == first)
            {
                last = last with { Count = last.Count + count };
                return true;
            }
        }

        if (ExtentCount == extents.Length)
        {
            return false;
        }

        extents[ExtentCount++] = new BlockRange(first, count, state);
        return true;
    }
}
