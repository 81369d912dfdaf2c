using Tidemark.Engine;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Progress;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Operations;

public class VerifyTests
{
    [Theory]
    [InlineData("none", "xxh128", false, 0, 4096)]
    [InlineData("zstd", "xxh128", false, 0, 4096)]
    [InlineData("lz4", "xxh128", false, 65536, 4096)]
    [InlineData("zstd", "blake3", false, 0, 16384)]
    [InlineData("zstd", "blake3", true, 0, 4096)]
    [InlineData("none", "xxh128", true, 65536, 4096)]
    [InlineData("lz4", "blake3", true, 131072, 1 << 20)]
    public void A_good_chain_has_no_findings_at_any_depth(string codec, string hash, bool encrypted, long part, int blockSize)
    {
        using var chain = VerifyChain.OfThree(
            Seed.Random(), 6_300_500, blockSize, Enum.Parse<Codec>(codec, true), Enum.Parse<HashAlgorithm>(hash, true), encrypted, part);
        chain.Add(chain.Points[^1]);
        chain.Add(chain.Points[0][..2_000_000], ImageKind.Differential);
        chain.Add(chain.Points[1]);
        foreach (var depth in Enum.GetValues<VerifyDepth>())
        {
            foreach (var keyless in new[] { false, true })
            {
                var result = chain.Verify(depth, keyless: keyless);
                Assert.Empty(result.Findings);
                var only = Assert.Single(result.Chains);
                Assert.Equal([1L, 2, 3, 4, 5, 6], only.Restorable);
                Assert.Empty(only.Broken);
                Assert.Equal(6, only.Images);
                Assert.True(result.CheckedBytes > 6 * (ImageFormat.HeaderSize + ImageFormat.FooterSize));
                Assert.Equal(encrypted && keyless ? 1 : 0, result.Notes.Count);
            }
        }
    }

    [Fact]
    public void Verifying_an_image_looks_at_its_lineage_and_at_nothing_else()
    {
        using var chain = VerifyChain.OfThree(Seed.Random());
        chain.FlipPayload(3, chain.Runs(3).First(r => r.State == BlockState.Data).Frame.Offset + 200);

        var second = chain.Verify(VerifyDepth.Deep, only: 2);
        Assert.Empty(second.Findings);
        Assert.Equal(new VerifiedChain("memory/chain", 2, [2], [], []).Restorable, second.Chains[0].Restorable);
        Assert.Equal(2, second.Chains[0].Images);

        var third = chain.Verify(VerifyDepth.Deep, only: 3);
        Assert.Equal(3, Assert.Single(third.Findings).Sequence);
        Assert.Equal([3L], third.Chains[0].Broken);
        Assert.Empty(third.Chains[0].Restorable);
    }

    [Fact]
    public void A_missing_middle_member_says_which_points_are_restorable_and_they_restore()
    {
        using var chain = VerifyChain.OfThree(Seed.Random());
        chain.Add(chain.Points[0], ImageKind.Differential);
        chain.Add(chain.Points[1]);
        chain.Folder.Delete(VerifyChain.File(2));

        var result = chain.Verify(VerifyDepth.Deep);

        var finding = Assert.Single(result.Findings);
        Assert.Equal(3, finding.Sequence);
        Assert.Contains("image 2", finding.Message, StringComparison.Ordinal);
        Assert.Contains("missing", finding.Message, StringComparison.Ordinal);
        Assert.Equal([1L, 4, 5], result.Chains[0].Restorable);
        Assert.Equal([3L], result.Chains[0].Broken);
        foreach (var point in result.Chains[0].Restorable)
        {
            Assert.Equal(chain.Points[(int)point - 1], chain.Restore(point, out var damage));
            Assert.Empty(damage);
        }
    }

    [Fact]
    public void Swapped_and_renamed_members_are_named()
    {
        using var chain = VerifyChain.OfThree(Seed.Random());
        chain.Folder.Rename(VerifyChain.File(2), "x");
        chain.Folder.Rename(VerifyChain.File(3), VerifyChain.File(2));
        chain.Folder.Rename("x", VerifyChain.File(3));

        var result = chain.Verify(VerifyDepth.Quick);

        Assert.Equal([2L, 3], result.Findings.Select(f => f.Sequence));
        Assert.All(result.Findings, f => Assert.Contains("renamed", f.Message, StringComparison.Ordinal));
        Assert.Equal([1L], result.Chains[0].Restorable);
        Assert.Equal([2L, 3], result.Chains[0].Broken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_member_of_another_chain_is_named(bool sameNumber)
    {
        var random = Seed.Random();
        using var chain = VerifyChain.OfThree(random);
        using var other = new VerifyChain(blockSize: 8192);
        other.Add(chain.Points[0]);
        var name = VerifyChain.File(sameNumber ? 1 : 9);
        if (sameNumber)
        {
            chain.Folder.Delete(name);
        }

        // The fixture's chains share their id; a changed one stands for another chain.
        var bytes = other.Bytes(VerifyChain.File(1));
        bytes[40] ^= 1;
        using (var writer = chain.Folder.Create(name))
        {
            writer.Append(bytes);
            writer.Complete();
        }

        var result = chain.Verify(VerifyDepth.Normal);
        Assert.Contains(result.Findings, f => f.File == name);
        Assert.Equal(sameNumber ? [] : [1L, 2, 3], result.Chains[0].Restorable);
    }

    [Fact]
    public void Every_truncation_is_found_and_costs_only_what_descends_from_it()
    {
        var random = Seed.Random();
        for (var i = 0; i < 40; i++)
        {
            using var chain = VerifyChain.OfThree(random, 60_000, part: i % 2 == 0 ? 0 : 65536);
            var cut = random.Next(1, 4);
            var file = chain.Folder.Content(VerifyChain.File(cut));
            file.Truncate(random.NextInt64(file.Length));
            var result = chain.Verify((VerifyDepth)random.Next(3));
            Assert.Contains(result.Findings, f => f.Sequence == cut && f.File == VerifyChain.File(cut));
            Assert.Equal(Enumerable.Range(1, cut - 1).Select(n => (long)n), result.Chains[0].Restorable);
            Assert.Equal(Enumerable.Range(cut, 4 - cut).Select(n => (long)n), result.Chains[0].Broken);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_missing_part_is_named(int part)
    {
        using var chain = VerifyChain.OfThree(Seed.Random(), 600_000, codec: Codec.None, part: 65536);
        Assert.True(chain.Footer(2).Parts > 2);
        var name = chain.PartFile(2, part);
        chain.Folder.Delete(name);
        var result = chain.Verify(VerifyDepth.Quick);
        Assert.Equal(2, result.Findings[0].Sequence);
        Assert.Contains(name, result.Findings[0].Message, StringComparison.Ordinal);
        Assert.Equal([1L], result.Chains[0].Restorable);
    }

    [Fact]
    public void A_wrong_key_is_a_key_error()
    {
        using var chain = VerifyChain.OfThree(Seed.Random(), 60_000, encrypted: true);
        using var wrong = KeySource.FromKey(Enumerable.Repeat((byte)8, 64).ToArray());
        var e = Assert.Throws<TidemarkException>(() => Tidemark.Engine.Operations.Verification.Verify.Run(
            [chain.Folder], null, VerifyDepth.Quick, null, wrong, NoObserver.Instance, default));
        Assert.Equal(TidemarkError.Key, e.Error);
    }

    [Fact]
    public void A_cancelled_verification_stops()
    {
        using var chain = VerifyChain.OfThree(Seed.Random());
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => Tidemark.Engine.Operations.Verification.Verify.Run(
            [chain.Folder], null, VerifyDepth.Deep, null, null, NoObserver.Instance, cancelled.Token));
    }
}
