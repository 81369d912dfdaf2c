using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Io;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Repairs;

namespace Tidemark.Engine.Operations;

/// <summary>Makes the healing image of each damaged image of a chain.</summary>
internal sealed class HealRun(Chain chain, BlockDevice source, int workers, TimeProvider time, RandomSource random, ImageMetadata metadata)
{
    /// <summary>What the source's reads are held to; null for full speed.</summary>
    public RatePacer? Pacer { get; init; }

    /// <summary>Bytes of the source read so far.</summary>
    public long ReadBytes { get; private set; }

    /// <param name="damage">The blocks to be healed.</param>
    /// <returns>Null if there is nothing to heal.</returns>
    public HealedImage? Image(ChainMember member, DamagedBlocks damage, CancellationToken cancellation)
    {
        var image = member.Image!;
        if (damage.Ranges.Count == 0)
        {
            return null;
        }

        var header = image.Header;
        var (healed, differs, unknown) = (0L, 0L, 0L);
        List<ByteRange> left = [];
        var joiner = new RangeJoiner(left.Add);
        using var cipher = Cipher(out var imageId);
        ImageWriter? writer = null;
        FramePacker? packer = null;
        string? name = null;
        try
        {
            var healer = new BlockHealer(source, chain.Hasher(image), header, Keep, Leave) { Pacer = Pacer };
            var cursor = new LevelCursor(image, header.BlockCount);
            while (cursor.MoveNext())
            {
                var run = cursor.Current;
                damage.Intersect(run.First, run.End, (first, end) => healer.Run(run, cursor.Hashes, first, end, cancellation));
            }

            joiner.Complete();
            ReadBytes += healer.ReadBytes;
            packer?.Complete();
            packer?.Dispose();
            packer = null;
            writer?.Finish(metadata with { ReadBytes = healer.ReadBytes }, 0);
            cancellation.ThrowIfCancellationRequested();
            writer?.Commit();
        }
        finally
        {
            packer?.Dispose();
            writer?.Dispose();
        }

        return healed + differs + unknown == 0 ? null : new HealedImage(
            member.Sequence, name, healed + differs + unknown, healed, left, differs, unknown);

        void Keep(long block, BlockState state, UInt128 hash, ReadOnlyMemory<byte> data)
        {
            if (packer is null)
            {
                var its = Header(image, imageId);
                name = ImageNames.Aside(
                    header.Sequence, ImageFiles.NextAside(chain.Folder, header.Sequence, ImageNames.HealingExtension), ImageNames.HealingExtension);
                writer = new ImageWriter(chain.Folder, its, cipher, name);
                packer = new FramePacker(writer, its, FrameCodec.DefaultLevel(its.Codec), cipher, workers);
            }

            packer.AddBlock(block, state, hash, data.Span);
            healed += Bytes(header, block, 1);
        }

        void Leave(long block, long count, bool known)
        {
            var bytes = Bytes(header, block, count);
            joiner.Add(block * header.BlockSize, (block * header.BlockSize) + bytes);
            differs += known ? bytes : 0;
            unknown += known ? 0 : bytes;
        }
    }

    private static long Bytes(ImageHeader header, long block, long count) => Math.Min(count * header.BlockSize, header.SourceBytes - (block * header.BlockSize));

    private ImageCipher? Cipher(out Guid imageId)
    {
        imageId = random.NewGuid();
        return chain.Keys?.CreateCipher(imageId);
    }

    /// <summary>A healing image is like the one it heals, and names that as its parent.</summary>
    private ImageHeader Header(ImageReader image, Guid imageId) => image.Header with
    {
        ImageId = imageId,
        Kind = ImageKind.Healing,
        Created = time.GetUtcNow(),
        PartSize = 0,
        Parent = new ParentLink(image.Header.ImageId, image.Header.Sequence, image.Footer.IndexDigest),
    };
}
