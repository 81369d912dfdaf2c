using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Writing;

namespace Tidemark.Bench.Index;

/// <summary>
/// A chain in memory with real indexes and frames of noise: a full image of a volume of 1 GiB in blocks of 4 KiB, and
/// increments in each of which one block in a hundred changed, anywhere.
/// </summary>
internal sealed class SyntheticChain : IDisposable
{
    public const int BlockSize = 4096;

    public const int Blocks = 1 << 18;

    /// <summary>Blocks of a frame of 128 KiB.</summary>
    public const int FrameBlocks = 32;

    private const int ChangedShare = 100;

    private readonly StoreFolder folder = new MemoryStore().CreateFolder("chain");
    private readonly Random random = new(1);
    private readonly byte[] frame = new byte[512];
    private readonly UInt128[] hashes = new UInt128[FrameBlocks];

    public SyntheticChain(int images)
    {
        random.NextBytes(frame);
        var lineage = new List<ImageReader>();
        for (var sequence = 1; sequence <= images; sequence++)
        {
            WriteImage(folder, sequence);
            lineage.Insert(0, ImageReader.Open(folder, [ImageNames.Part(sequence, 0)]));
        }

        Lineage = Lineage.Of(lineage[0], [.. lineage.Skip(1)]);
    }

    /// <summary>Newest first.</summary>
    public Lineage Lineage { get; }

    public void WriteImage(StoreFolder store, long sequence)
    {
        using var image = new ImageWriter(store, Header(sequence), null);
        if (sequence == 1)
        {
            for (long at = 0; at < Blocks; at += FrameBlocks)
            {
                Add(image, at, FrameBlocks, image.AppendFrame(frame, BlockSize), 0);
            }
        }
        else
        {
            AddScattered(image);
        }

        image.Finish(new ImageMetadata(), 0);
        image.Commit();
    }

    public void Dispose()
    {
        foreach (var image in Lineage.Layers)
        {
            image.Dispose();
        }
    }

    private void AddScattered(ImageWriter image)
    {
        var changed = new SortedSet<long>();
        while (changed.Count < Blocks / ChangedShare)
        {
            changed.Add(random.NextInt64(Blocks));
        }

        FrameRef current = default;
        var inFrame = FrameBlocks;
        foreach (var block in changed)
        {
            if (inFrame == FrameBlocks)
            {
                current = image.AppendFrame(frame, BlockSize);
                inFrame = 0;
            }

            Add(image, block, 1, current, inFrame++);
        }
    }

    private void Add(ImageWriter image, long first, int count, FrameRef where, int inFrame)
    {
        for (var i = 0; i < count; i++)
        {
            hashes[i] = new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64());
        }

        image.AddExtent(new IndexExtent(first, count, BlockState.Data, where, inFrame), hashes.AsSpan(0, count));
    }

    private static ImageHeader Header(long sequence) => new()
    {
        ChainId = Guid.Empty,
        ImageId = new Guid((int)sequence, 0, 0, new byte[8]),
        Sequence = sequence,
        Kind = ImageKind.Full,
        BlockSize = BlockSize,
        Hash = HashAlgorithm.Xxh128,
        Codec = Codec.None,
        Created = DateTimeOffset.UnixEpoch,
        SourceBytes = (long)Blocks * BlockSize,
        LogicalSectorSize = 512,
        PhysicalSectorSize = 512,
        HashKey = new byte[BlockHasher.KeySize],
        Identity = SourceIdentity.None,
        ChainName = "",
    };
}
