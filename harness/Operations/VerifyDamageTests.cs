using Tidemark.Engine;
using Tidemark.Engine.Format;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Operations;

public class VerifyDamageTests
{
    // Enough for an index of several leaves under a directory.
    private const int ManyBlocks = 13_000_000;

    [Theory]
    [InlineData(10)]
    [InlineData(300)]
    [InlineData(4000)]
    [InlineData(4090)]
    public void A_flipped_byte_of_a_header_is_found(int at)
    {
        using var chain = VerifyChain.OfThree(Seed.Random());
        chain.Folder.Content(VerifyChain.File(2)).Flip(at);
        AssertSecondIsLost(chain.Verify(VerifyDepth.Quick), VerifyChain.File(2));
    }

    [Fact]
    public void A_flipped_byte_of_a_footer_is_found()
    {
        using var chain = VerifyChain.OfThree(Seed.Random());
        var file = chain.Folder.Content(VerifyChain.File(2));
        file.Flip(file.Length - ImageFormat.FooterSize + Seed.Random().Next(ImageFormat.FooterSize));
        AssertSecondIsLost(chain.Verify(VerifyDepth.Quick), VerifyChain.File(2));
    }

    [Fact]
    [Case("4.5")]
    public void A_flipped_byte_of_a_part_header_is_found_and_breaks_nothing()
    {
        var random = Seed.Random();
        using var chain = VerifyChain.OfThree(random, 600_000, codec: Codec.None, part: 65536);
        var part = random.Next(1, chain.Footer(2).Parts);
        chain.Folder.Content(chain.PartFile(2, part)).Flip(random.Next(ImageFormat.HeaderSize));
        var result = chain.Verify(VerifyDepth.Quick);
        // Only the first part's header is needed, and the image is whole without the others.
        var finding = Assert.Single(result.Findings);
        Assert.Equal((2L, chain.PartFile(2, part)), (finding.Sequence, finding.File));
        Assert.Equal([1L, 2, 3], result.Chains[0].Restorable);
        AssertPointsAreAsTheyRestore(chain, result);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_flipped_byte_of_metadata_is_found_and_breaks_nothing(bool encrypted)
    {
        using var chain = VerifyChain.OfThree(Seed.Random(), encrypted: encrypted);
        var footer = chain.Footer(2);
        chain.FlipPayload(2, footer.MetadataOffset + (footer.MetadataLength / 2));
        var result = chain.Verify(VerifyDepth.Quick);
        var finding = Assert.Single(result.Findings);
        Assert.Equal((2L, VerifyChain.File(2)), (finding.Sequence, finding.File));
        Assert.Contains("metadata", finding.Message, StringComparison.Ordinal);
        Assert.Empty(finding.Ranges);
        Assert.Equal([1L, 2, 3], result.Chains[0].Restorable);
    }

    [Theory]
    [InlineData("zstd", false, true)]
    [InlineData("none", false, false)]
    [InlineData("lz4", true, true)]
    [InlineData("none", true, false)]
    public void A_flipped_byte_of_a_frame_costs_its_blocks_and_no_others(string codec, bool encrypted, bool inHeader)
    {
        var random = Seed.Random();
        using var chain = VerifyChain.OfThree(random, 2_000_500, codec: Enum.Parse<Codec>(codec, true), encrypted: encrypted);
        var frames = chain.Runs(1).Where(r => r.State == BlockState.Data).GroupBy(r => r.Frame).ToList();
        var frame = frames[random.Next(frames.Count)];
        chain.FlipPayload(1, frame.Key.Offset + (inHeader ? random.Next(60) : random.Next(100, frame.Key.Length)));

        Assert.Empty(chain.Verify(VerifyDepth.Quick).Findings);
        foreach (var depth in new[] { VerifyDepth.Normal, VerifyDepth.Deep })
        {
            var result = chain.Verify(depth);
            var finding = Assert.Single(result.Findings);
            Assert.Equal((1L, VerifyChain.File(1)), (finding.Sequence, finding.File));
            Assert.Equal(chain.Ranges(frame, chain.Points[0].Length), finding.Ranges);
            AssertPointsAreAsTheyRestore(chain, result);
        }
    }

    [Fact]
    public void A_damaged_frame_that_was_overwritten_since_breaks_only_what_shows_it()
    {
        var random = Seed.Random();
        using var chain = new VerifyChain();
        var content = new byte[1_000_000];
        random.NextBytes(content);
        chain.Add(content);
        random.NextBytes(content.AsSpan(409_600, 40_960));
        chain.Add(content);
        random.NextBytes(content.AsSpan(400_000, 60_000));
        chain.Add(content);
        chain.FlipPayload(2, chain.Runs(2).First(r => r.State == BlockState.Data).Frame.Offset + 500);

        var result = chain.Verify(VerifyDepth.Normal);

        Assert.Equal([new ByteRange(409_600, 40_960)], Assert.Single(result.Findings).Ranges);
        Assert.Equal([1L, 3], result.Chains[0].Restorable);
        Assert.Equal([2L], result.Chains[0].Broken);
        Assert.Equal(content, chain.Restore(3, out var damage));
        Assert.Empty(damage);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_flipped_byte_of_a_leaf_costs_the_blocks_it_speaks_of(bool encrypted)
    {
        var random = Seed.Random();
        using var chain = VerifyChain.OfThree(random, ManyBlocks, encrypted: encrypted);
        var leaves = Pages(chain, 1).Where(p => p.Level == 0).ToList();
        Assert.True(leaves.Count > 2);
        var (reference, _, header) = leaves[1];
        chain.FlipPayload(1, reference.Offset + random.Next(reference.Length));
        var result = chain.Verify(VerifyDepth.Quick);
        var finding = Assert.Single(result.Findings);
        Assert.Equal((1L, VerifyChain.File(1)), (finding.Sequence, finding.File));
        Assert.Equal([new ByteRange(header.FirstBlock * 4096, (header.EndBlock - header.FirstBlock) * 4096)], finding.Ranges);
        Assert.Empty(result.Chains[0].Restorable);
        Assert.Equal([1L, 2, 3], result.Chains[0].Broken);
    }

    [Fact]
    public void A_frame_that_lists_blocks_without_content_alone_is_verified_too()
    {
        using var chain = new VerifyChain();
        var content = new byte[1_000_000];
        Seed.Random().NextBytes(content);
        chain.Add(content);
        chain.Add(new byte[1_000_000]);
        Assert.Equal((0, 1), (chain.Footer(2).Counts.PlainBytes, chain.Footer(2).Counts.Frames));
        chain.FlipPayload(2, 70);
        Assert.Empty(chain.Verify(VerifyDepth.Quick).Findings);
        var result = chain.Verify(VerifyDepth.Normal);
        Assert.All(result.Findings, f => Assert.Equal((2L, VerifyChain.File(2)), (f.Sequence, f.File)));
        Assert.NotEmpty(result.Findings);
        Assert.Equal([1L, 2], result.Chains[0].Restorable);
    }

    [Fact]
    public void A_flipped_byte_of_a_directory_is_found()
    {
        using var chain = VerifyChain.OfThree(Seed.Random(), ManyBlocks);
        var (reference, level, _) = Assert.Single(Pages(chain, 1), p => p.Level == 1);
        Assert.Equal(chain.Footer(1).Root, reference);
        chain.FlipPayload(1, reference.Offset + 100);
        var result = chain.Verify(VerifyDepth.Deep);
        var finding = Assert.Single(result.Findings);
        Assert.Equal(1, finding.Sequence);
        Assert.Equal([new ByteRange(0, ManyBlocks)], finding.Ranges);
        Assert.Equal([1L, 2, 3], result.Chains[0].Broken);
        Assert.Equal(1, level);
    }

    [Fact]
    public void Content_that_doesnt_fit_its_hash_is_found_by_a_deep_verification_alone()
    {
        using var chain = VerifyChain.OfThree(Seed.Random(), 400_000, codec: Codec.None);
        var run = chain.Runs(1).First(r => r.State == BlockState.Data);
        var file = VerifyChain.File(1);
        var at = ImageFormat.HeaderSize + (int)run.Frame.Offset;
        var frame = chain.Bytes(file)[at..(at + run.Frame.Length)];
        int headerLength = Layout.U16(frame, 4);
        frame[headerLength + (5 * 4096) + 77] ^= 1;
        Layout.U64(frame, 48, Layout.Check(frame.AsSpan(headerLength)));
        Layout.U64(frame, headerLength - 8, Layout.Check(frame.AsSpan(0, headerLength - 8)));
        chain.Patch(file, at, frame);

        Assert.Empty(chain.Verify(VerifyDepth.Normal).Findings);
        var result = chain.Verify(VerifyDepth.Deep);
        var finding = Assert.Single(result.Findings);
        Assert.Equal([new ByteRange((run.First + 5) * 4096, 4096)], finding.Ranges);
        Assert.Contains("hash", finding.Message, StringComparison.Ordinal);
        AssertPointsAreAsTheyRestore(chain, result);
    }

    [Fact]
    public void An_altered_footer_of_an_encrypted_chain_costs_that_image_alone()
    {
        using var chain = VerifyChain.OfThree(Seed.Random(), encrypted: true);
        var file = VerifyChain.File(2);
        var bytes = chain.Bytes(file);
        var footer = bytes.AsSpan(bytes.Length - ImageFormat.FooterSize);
        footer[120] ^= 1;
        Layout.U128(footer, ImageFormat.FooterSize - 16, Layout.Digest(footer[..^16]));
        chain.Patch(file, bytes.Length - ImageFormat.FooterSize, footer);

        var result = chain.Verify(VerifyDepth.Quick);

        Assert.Equal(2, result.Findings[0].Sequence);
        Assert.Contains("authenticate", result.Findings[0].Message, StringComparison.Ordinal);
        Assert.Equal([1L], result.Chains[0].Restorable);
        Assert.Equal(chain.Points[0], chain.Restore(1, out var damage));
        Assert.Empty(damage);
    }

    private static void AssertSecondIsLost(VerifyResult result, string file)
    {
        Assert.Equal((2L, file), (result.Findings[0].Sequence, result.Findings[0].File));
        Assert.Equal(3, result.Findings[1].Sequence);
        Assert.Equal(2, result.Findings.Count);
        Assert.Equal([1L], result.Chains[0].Restorable);
        Assert.Equal([2L, 3], result.Chains[0].Broken);
    }

    /// <summary>What is called restorable restores bit for bit, and what is called broken doesn't.</summary>
    private static void AssertPointsAreAsTheyRestore(VerifyChain chain, VerifyResult result)
    {
        for (var i = 0; i < chain.Points.Count; i++)
        {
            var restored = chain.Restore(i + 1, out var damage);
            var whole = damage.Count == 0 && restored.AsSpan().SequenceEqual(chain.Points[i]);
            Assert.Equal(whole, result.Chains[0].Restorable.Contains(i + 1));
            Assert.Equal(!whole, result.Chains[0].Broken.Contains(i + 1));
        }
    }

    /// <summary>All pages of an image's index.</summary>
    private static List<(PageRef Reference, int Level, PageHeader Header)> Pages(VerifyChain chain, long sequence)
    {
        using var opened = chain.Open();
        var image = opened.Get(sequence);
        List<(PageRef Reference, int Level, PageHeader Header)> pages = [];
        Visit(image.Footer.Root!.Value);
        return pages;

        void Visit(PageRef reference)
        {
            var page = new byte[ImageFormat.MaxPageSize];
            Assert.Null(image.TryReadPage(reference, page, out var header));
            pages.Add((reference, header.Level, header));
            for (var i = 0; header.Level > 0 && i < header.Entries; i++)
            {
                Assert.True(PageRef.TryRead(page.AsSpan(PageHeader.Size + (i * PageRef.Size), PageRef.Size), image.PayloadLength, out var child));
                Visit(child);
            }
        }
    }
}
