using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Io;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Repairs;
using Tidemark.Engine.Writing;

namespace Tidemark.Engine.Operations.Healing;

/// <summary>Makes the healing image of each damaged image of a chain.</summary>
internal sealed class HealRun(Chain chain, BlockDevice source, int workers, TimeProvider time, RandomSource random, ImageMetadata metadata)
{
    /// <summary>What the source's reads are held to; null for full speed.</summary>
    public RatePacer? Pacer { get; init; }

    /// <summary>Bytes of the source read so far.</summary>
    public long ReadBytes { get; private set; }

    /// <summary>
    /// Makes a healing image of the damaged blocks that no whole healing image has. It takes the place of those that are
    /// damaged themselves: what they have goes into it, from the source or from them.
    /// </summary>
    /// <returns>Null if there is nothing to heal.</returns>
    public HealedImage? Image(MemberCheck check, CancellationToken cancellation)
    {
        var member = check.Member;
        var image = member.Image!;
        if (check.Damage.Ranges.Count == 0 && check.BadHealings.Count == 0)
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
        var stored = Stored(check);
        try
        {
            var healer = new BlockHealer(source, chain.Hasher(image), header, Keep, Leave) { Pacer = Pacer, Stored = stored };
            var lineage = chain.Alone(image);
            var cursor = MergeCursor.WithLosses(lineage);
            while (cursor.Read(cursor.BlockCount, out var extent))
            {
                if (extent.State == BlockState.Absent)
                {
                    continue;
                }

                if (lineage.Role(extent.Layer) == LayerRole.Image)
                {
                    var known = extent;
                    check.Damage.Intersect(
                        extent.First, extent.End, (first, end) => healer.Run(known, Hashes(known), first, end, cancellation));
                }
                else if (check.BadHealings.Any(h => h.Image == lineage[extent.Layer]))
                {
                    healer.Run(extent, Hashes(extent), extent.First, extent.End, cancellation);
                }
            }

            joiner.Complete();
            ReadBytes += healer.ReadBytes;
            packer?.Complete();
            packer?.Dispose();
            packer = null;
            writer?.Finish(metadata with { ReadBytes = healer.ReadBytes }, 0);
            cancellation.ThrowIfCancellationRequested();
            writer?.Commit();

            ReadOnlySpan<UInt128> Hashes(in MergedExtent extent) => extent.State.IsStored() ? cursor.Hashes : [];
        }
        finally
        {
            packer?.Dispose();
            writer?.Dispose();
            foreach (var device in stored)
            {
                device.Dispose();
            }
        }

        // Where something stays lost, a damaged healing image may be the last that has it.
        string[] replaced = left.Count == 0 ? [.. check.BadHealings.Select(h => h.Files[0].Name)] : [];
        return healed + differs + unknown + replaced.Length == 0 ? null : new HealedImage(
            member.Sequence, name, healed + differs + unknown, healed, left, differs, unknown)
        {
            Replaced = replaced,
        };

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

    /// <summary>
    /// The image as its files have it: with damaged healing images, whose blocks may be whole, and without them, since they
    /// may stand before what is. Empty where none is damaged.
    /// </summary>
    private BlockDevice[] Stored(MemberCheck check)
    {
        var bad = check.BadHealings.Select(h => h.Image).OfType<ImageReader>().ToList();
        if (bad.Count == 0)
        {
            return [];
        }

        var image = check.Member.Image!;
        (ImageReader, LayerRole)[] whole =
            [.. chain.Healings(image).Except(bad).Select(h => (h, LayerRole.Healing)), (image, LayerRole.Image)];
        return [.. bad.Select(h => new PointProbe(Lineage.Of(h), chain.Hasher(image))), new PointProbe(new Lineage(image, whole), chain.Hasher(image))];
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
