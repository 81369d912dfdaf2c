using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;

namespace Tidemark.Engine.Packing;

/// <summary>Blocks of one frame as the index tells them.</summary>
internal readonly record struct FramedExtent(long First, int Count, int BlockInFrame, int HashIndex);

/// <summary>Something wrong with a frame, and the extents of blocks that are lost by it.</summary>
internal sealed record FrameDamage(FrameRef Frame, string Problem, IReadOnlyList<(long First, long End)> Blocks);

/// <summary>
/// Frames that lie close together in the payload, with what the index says of them: what a worker reads in one piece
/// and checks. Taken once and used again and again.
/// </summary>
internal sealed class FrameBatch
{
    /// <summary>
    /// Bytes of payload in one read: enough for a disk to read on, and a few of them are in flight. Every frame fits.
    /// </summary>
    private const int MaxPayload = 2 << 20;

    /// <summary>Blocks after which no frame is begun: 16 MiB of the smallest.</summary>
    private const int UsualBlocks = 4096;

    /// <summary>A frame that was begun is finished.</summary>
    private const int MaxBlocks = UsualBlocks + ImageFormat.MaxFrameBlocks;

    private readonly byte[] payload = new byte[MaxPayload];
    private readonly (FrameRef Frame, int FirstExtent)[] frames = new (FrameRef, int)[MaxBlocks];
    private readonly FramedExtent[] extents = new FramedExtent[MaxBlocks];
    private readonly UInt128[] hashes = new UInt128[MaxBlocks];
    private int extentCount;
    private int blocks;

    public ImageReader? Image { get; private set; }

    /// <summary>Null where only checksums are verified.</summary>
    public BlockHasher? Hasher { get; private set; }

    public int FrameCount { get; private set; }

    /// <summary>What the worker found.</summary>
    public List<FrameDamage> Damage { get; } = [];

    /// <summary>Payload bytes from the first frame to the end of the last, with what fills up behind it.</summary>
    public int Length => FrameCount == 0 ? 0
        : (int)(ImageFormat.AlignUp(frames[FrameCount - 1].Frame.Offset + frames[FrameCount - 1].Frame.Length) - Offset);

    public long Offset => frames[0].Frame.Offset;

    /// <summary>Bytes of the frames alone.</summary>
    public long FrameBytes { get; private set; }

    public Span<byte> Payload => payload.AsSpan(0, Length);

    public void Begin(ImageReader image, BlockHasher? hasher)
    {
        Image = image;
        Hasher = hasher;
        FrameCount = extentCount = blocks = 0;
        FrameBytes = 0;
        Damage.Clear();
    }

    /// <summary>
    /// False if the extent begins a frame that has to go into another batch. Extents come in order, and those of one frame
    /// hold no more blocks than any frame may.
    /// </summary>
    public bool TryAdd(in IndexExtent extent, ReadOnlySpan<UInt128> extentHashes)
    {
        Invariant.Holds(extent.State.IsStored() && extent.Frame.Length is > 0 and <= MaxPayload && extentHashes.Length == extent.Count);
        if (FrameCount == 0 || frames[FrameCount - 1].Frame != extent.Frame)
        {
            if (FrameCount > 0 && (blocks >= UsualBlocks || extent.Frame.Offset + extent.Frame.Length - Offset > MaxPayload))
            {
                return false;
            }

            frames[FrameCount++] = (extent.Frame, extentCount);
            FrameBytes += extent.Frame.Length;
        }

        extentHashes.CopyTo(hashes.AsSpan(blocks));
        extents[extentCount++] = new FramedExtent(extent.First, (int)extent.Count, extent.BlockInFrame, blocks);
        blocks += (int)extent.Count;
        return true;
    }

    public FrameRef Frame(int index) => frames[index].Frame;

    public ReadOnlySpan<FramedExtent> Extents(int index) =>
        extents.AsSpan(frames[index].FirstExtent..(index + 1 < FrameCount ? frames[index + 1].FirstExtent : extentCount));

    public ReadOnlySpan<UInt128> Hashes(in FramedExtent extent) => hashes.AsSpan(extent.HashIndex, extent.Count);
}
