using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Stores.Layers;
using Tidemark.Engine.Writing;
using Xunit;

namespace Tidemark.Harness.Operations;

/// <summary>Images whose checksums all hold and whose index is wrong nevertheless: made by a defect, or by somebody.</summary>
public class ForgedIndexTests
{
    private const int Block = 4096;
    private const int Blocks = 64;

    private static readonly BlockHasher Hasher = BlockHasher.Create(HashAlgorithm.Xxh128, new byte[BlockHasher.KeySize]);

    [Fact]
    public void A_gap_in_a_full_image_is_found_and_breaks_it()
    {
        var result = Verify(VerifyDepth.Quick, image =>
        {
            Frame(image, 0, 10, 0);
            image.AddExtent(new IndexExtent(20, 20, BlockState.Zero), []);
        });
        var finding = Assert.Single(result.Findings);
        Assert.Equal([new ByteRange(10 * Block, 10 * Block), new ByteRange(40 * Block, 24 * Block)], finding.Ranges);
        Assert.Equal([1L], result.Chains[0].Broken);
    }

    [Fact]
    public void An_index_without_a_page_is_no_full_image()
    {
        var result = Verify(VerifyDepth.Quick, _ => { });
        Assert.Equal([new ByteRange(0, Blocks * Block)], Assert.Single(result.Findings).Ranges);
        Assert.Equal([1L], result.Chains[0].Broken);
    }

    [Fact]
    public void Blocks_behind_the_end_of_the_volume_are_found()
    {
        var result = Verify(VerifyDepth.Quick, image =>
        {
            Frame(image, 0, 4, 0);
            image.AddExtent(new IndexExtent(4, Blocks, BlockState.Unallocated), []);
        });
        Assert.Contains(result.Findings, f => f.Message.Contains("more blocks", StringComparison.Ordinal));
        Assert.Equal([1L], result.Chains[0].Broken);
    }

    [Theory]
    [InlineData(VerifyDepth.Normal)]
    [InlineData(VerifyDepth.Deep)]
    public void A_frame_that_holds_other_blocks_than_the_index_says_is_found(VerifyDepth depth)
    {
        var result = Verify(depth, image =>
        {
            Frame(image, 0, 4, 0);
            Frame(image, 4, 4, 30);
            image.AddExtent(new IndexExtent(8, Blocks - 8, BlockState.Zero), []);
        });
        var finding = Assert.Single(result.Findings);
        Assert.Equal([new ByteRange(4 * Block, 4 * Block)], finding.Ranges);
        Assert.Contains("other blocks", finding.Message, StringComparison.Ordinal);
        Assert.Equal([1L], result.Chains[0].Broken);
    }

    [Fact]
    public void A_reference_that_leads_to_no_frame_is_found()
    {
        var result = Verify(VerifyDepth.Normal, image =>
        {
            Frame(image, 0, 4, 0);
            var nothing = image.AppendFrame(new byte[4096], 0);
            image.AddExtent(new IndexExtent(4, 2, BlockState.Data, nothing with { Length = 200 }), new UInt128[2]);
            image.AddExtent(new IndexExtent(6, Blocks - 6, BlockState.Zero), []);
        });
        Assert.Contains(result.Findings, f => f.Ranges.SequenceEqual([new ByteRange(4 * Block, 2 * Block)]));
        Assert.Equal([1L], result.Chains[0].Broken);
    }

    [Fact]
    public void Frames_that_overlap_are_found()
    {
        // Of two leaves, the second goes back to a frame of the first: no leaf by itself is wrong.
        const int Many = 2000;
        var last = 0L;
        var result = Verify(VerifyDepth.Quick, image =>
        {
            // A leaf of the same runs tells when the image's own is full.
            var leaf = new LeafBuilder();
            FrameRef? first = null;
            while (true)
            {
                var place = Append(image, 1, last, out var hashes);
                first ??= place;
                var run = new IndexExtent(last, 1, BlockState.Data, place);
                if (leaf.Add(run, hashes) == 0)
                {
                    image.AddExtent(run with { Frame = first.Value }, hashes);
                    break;
                }

                image.AddExtent(run, hashes);
                last++;
            }

            image.AddExtent(new IndexExtent(last + 1, Many - last - 1, BlockState.Zero), []);
        }, Many);
        Assert.Contains(result.Findings, f => f.Message.Contains("overlaps", StringComparison.Ordinal)
            && f.Ranges.SequenceEqual([new ByteRange(last * Block, Block)]));
        Assert.Equal([1L], result.Chains[0].Broken);
    }

    /// <summary>Appends a frame of blocks from <paramref name="held"/> on and an index run that says they are others.</summary>
    private static void Frame(ImageWriter image, long first, int count, long held)
    {
        var place = Append(image, count, held, out var hashes);
        image.AddExtent(new IndexExtent(first, count, BlockState.Data, place), hashes);
    }

    private static FrameRef Append(ImageWriter image, int count, long held, out UInt128[] hashes)
    {
        var plain = new byte[count * Block];
        new Random((int)held).NextBytes(plain);
        var stored = new byte[FrameEncoder.Room(plain.Length)];
        using var encoder = new FrameEncoder(Codec.None, 0, null, ImageId, plain.Length);
        var length = encoder.Encode(plain, [new BlockRange(held, count, BlockState.Data)], image.Counts.Frames, stored);
        hashes = new UInt128[count];
        Hasher.HashBlocks(plain, Block, hashes);
        return image.AppendFrame(stored.AsSpan(0, length), plain.Length);
    }

    private static Guid ImageId { get; } = Guid.Parse("5f0c8a3e-6c4e-4b7e-9d3b-0a1b2c3d4e5f");

    private static VerifyResult Verify(VerifyDepth depth, Action<ImageWriter> write, int blocks = Blocks)
    {
        var folder = new MemoryStore().CreateFolder("forged");
        var header = new ImageHeader
        {
            ChainId = Guid.Parse("a76be538-9daf-41a5-a76a-9cbb76a3f915"),
            ImageId = ImageId,
            Sequence = 1,
            Kind = ImageKind.Full,
            BlockSize = Block,
            Hash = HashAlgorithm.Xxh128,
            Codec = Codec.None,
            Created = DateTimeOffset.UnixEpoch,
            SourceBytes = (long)blocks * Block,
            LogicalSectorSize = 512,
            PhysicalSectorSize = 512,
            HashKey = new byte[BlockHasher.KeySize],
            Identity = SourceIdentity.None,
            ChainName = "",
        };

        // A commit reads the index back, and part of it is beyond the volume; a folder that shows nothing before has it pass.
        using (var image = new ImageWriter(new UnseenFolder(folder), header, null))
        {
            write(image);
            image.Finish(new ImageMetadata(), 0);
            image.Commit();
        }

        return Tidemark.Engine.Operations.Verification.Verify.Run([folder], null, depth, null, null, NoObserver.Instance, default);
    }

    /// <summary>A folder that shows nothing of an object before it is complete, as object stores don't.</summary>
    private sealed class UnseenFolder(StoreFolder folder) : LayeredFolder(folder)
    {
        public override StoreWriter Create(string name) => new UnseenWriter(Behind.Create(name));
    }

    private sealed class UnseenWriter(StoreWriter inner) : StoreWriter
    {
        public override long Position => inner.Position;

        public override void Append(ReadOnlySpan<byte> data) => inner.Append(data);

        public override void Settle() => inner.Settle();

        public override StoreFile? OpenWritten() => null;

        public override void Complete(bool withNext = false) => inner.Complete(withNext);

        public override void Dispose() => inner.Dispose();
    }
}
