using Tidemark.Engine.Format;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Operations;

public class ScrubTests
{
    [Fact]
    public void Every_flipped_byte_of_an_encrypted_image_is_found_without_its_key()
    {
        var random = Seed.Random();
        using var chain = new VerifyChain(encrypted: true);
        var content = new byte[40_000];
        random.NextBytes(content.AsSpan(0, 5000));
        random.NextBytes(content.AsSpan(20_000, 5000));
        chain.Add(content);
        var file = chain.Folder.Content(VerifyChain.File(1));
        Assert.Empty(chain.Verify(VerifyDepth.Normal, keyless: true).Findings);
        for (var at = 0L; at < file.Length; at++)
        {
            var mask = (byte)(1 << random.Next(8));
            file.Flip(at, mask);
            var result = chain.Verify(VerifyDepth.Normal, keyless: true);
            Assert.True(result.Findings.Count > 0, $"a flip of {mask:x2} at {at} of {file.Length} went unseen");
            Assert.All(result.Findings, f => Assert.True(f.Sequence is 0 or 1));
            file.Flip(at, mask);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_damaged_frame_is_named_with_its_blocks_without_the_key(bool inHeader)
    {
        var random = Seed.Random();
        using var chain = VerifyChain.OfThree(random, 9_000_000, encrypted: true);
        var frames = chain.Runs(1).Where(r => r.State == BlockState.Data).GroupBy(r => r.Frame).ToList();
        for (var i = 0; i < frames.Count; i += 7)
        {
            var frame = frames[i];
            var at = frame.Key.Offset + (inHeader ? random.Next(64) : frame.Key.Length - 1 - random.Next(100));
            chain.FlipPayload(1, at);
            var result = chain.Verify(VerifyDepth.Normal, keyless: true);
            var lost = result.Findings.SelectMany(f => f.Ranges).ToList();
            var expected = chain.Ranges(frame, chain.Points[0].Length);
            Assert.All(result.Findings, f => Assert.Equal((1L, VerifyChain.File(1)), (f.Sequence, f.File)));
            Assert.True(
                i == frames.Count - 1 || expected.SequenceEqual(lost), $"frame {i}: {string.Join(", ", expected)} and {string.Join(", ", lost)}");
            Assert.Equal([1L, 2, 3], result.Chains[0].Broken);
            chain.FlipPayload(1, at);
        }

        Assert.Empty(chain.Verify(VerifyDepth.Normal, keyless: true).Findings);
    }

    [Fact]
    public void Damage_over_many_places_is_found_in_each()
    {
        var random = Seed.Random();
        using var chain = VerifyChain.OfThree(random, 3_000_000, encrypted: true, codec: Codec.None);
        var frames = chain.Runs(1).Where(r => r.State == BlockState.Data).Select(r => r.Frame).Distinct().ToList();
        var hit = frames.Where((_, i) => i % 3 == 1).ToList();
        foreach (var frame in hit)
        {
            chain.FlipPayload(1, frame.Offset + random.Next(frame.Length));
        }

        var result = chain.Verify(VerifyDepth.Normal, keyless: true);
        Assert.Equal(hit.Count, result.Findings.Count);
        Assert.Contains(result.Notes, n => n.Contains("no key", StringComparison.Ordinal));
    }
}
