using Tidemark.Engine;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Writing;

namespace Tidemark.Harness.Properties;

/// <summary>What the oracle of indexes knows of one block.</summary>
internal readonly record struct KnownBlock(BlockState State, UInt128 Hash, FrameRef Frame, int BlockInFrame);

/// <summary>An image with a random index and frames of noise, and what its index says as a plain dictionary.</summary>
internal sealed class LevelBuilder(StoreFolder folder, long sequence, long blocks)
{
    private const int BlockSize = 4096;

    public Dictionary<long, KnownBlock> Known { get; } = [];

    /// <summary>Writes the image; the caller disposes what reads it.</summary>
    /// <param name="density">Of a hundred places in the volume, at how many a run begins, about.</param>
    /// <param name="mostRun">Blocks of a run at most.</param>
    public ImageReader Build(Random random, int density, int mostRun)
    {
        var header = Header(random);
        using (var image = new ImageWriter(folder, header, null))
        {
            for (long at = 0; at < blocks;)
            {
                if (random.Next(100) >= density)
                {
                    at += random.Next(1, 1 + (2 * mostRun));
                    continue;
                }

                at = random.Next(3) == 0 ? AddZeros(image, random, at, mostRun) : AddFrame(image, random, at, mostRun);
            }

            image.Finish(new ImageMetadata(), 0);
            image.Commit();
        }

        return ImageReader.Open(folder, [ImageNames.Part(sequence, 0)]);
    }

    private long AddZeros(ImageWriter image, Random random, long at, int mostRun)
    {
        var state = random.Next(2) == 0 ? BlockState.Zero : BlockState.Unallocated;
        var count = Math.Min(blocks - at, random.Next(1, 1 + (mostRun * 4)));
        image.AddExtent(new IndexExtent(at, count, state), []);
        for (var i = 0; i < count; i++)
        {
            Known[at + i] = new KnownBlock(state, 0, default, 0);
        }

        return at + count;
    }

    /// <summary>One frame, its blocks in some runs with gaps and zeros between them.</summary>
    private long AddFrame(ImageWriter image, Random random, long at, int mostRun)
    {
        var bytes = new byte[random.Next(ImageFormat.FrameFixedHeader + 1, 400)];
        var frame = image.AppendFrame(bytes, BlockSize);
        var inFrame = 0;
        for (var runs = random.Next(1, 4); runs > 0 && at < blocks && inFrame < ImageFormat.MaxFrameBlocks; runs--)
        {
            var count = (int)Math.Min(Math.Min(blocks - at, random.Next(1, 1 + mostRun)), ImageFormat.MaxFrameBlocks - inFrame);
            var state = random.Next(9) == 0 ? BlockState.Unreadable : BlockState.Data;
            var hashes = new UInt128[count];
            for (var i = 0; i < count; i++)
            {
                hashes[i] = new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64());
                Known[at + i] = new KnownBlock(state, hashes[i], frame, inFrame + i);
            }

            image.AddExtent(new IndexExtent(at, count, state, frame, inFrame), hashes);
            inFrame += count;
            at += count;
            if (random.Next(3) == 0 && at < blocks)
            {
                at = AddZeros(image, random, at, 2);
            }

            at += random.Next(3);
        }

        return at;
    }

    private ImageHeader Header(Random random)
    {
        var id = new byte[16];
        random.NextBytes(id);
        return new ImageHeader
        {
            ChainId = Guid.Empty,
            ImageId = new Guid(id),
            Sequence = sequence,
            Kind = ImageKind.Full,
            BlockSize = BlockSize,
            Hash = HashAlgorithm.Xxh128,
            Codec = Codec.None,
            Created = DateTimeOffset.UnixEpoch,
            SourceBytes = blocks * BlockSize,
            LogicalSectorSize = 512,
            PhysicalSectorSize = 512,
            HashKey = new byte[BlockHasher.KeySize],
            Identity = SourceIdentity.None,
            ChainName = "",
        };
    }
}
