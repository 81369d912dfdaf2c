using Tidemark.Harness.Operations;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Damage;

/// <summary>
/// Deletes, duplicates, swaps and brings back stale members of a chain, and mixes it with another: each time what is
/// wrong is named, and what can still be restored is exact.
/// </summary>
public sealed class MemberTests : IDisposable
{
    private readonly VerifyChain chain = VerifyChain.OfThree(new Random(5), 150_000);
    private readonly Dictionary<string, byte[]> files;

    public MemberTests() => files = chain.Folder.List().ToDictionary(e => e.Name, e => chain.Bytes(e.Name));

    public void Dispose() => chain.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_deleted_member_costs_what_nobody_newer_tells(long sequence)
    {
        chain.Folder.Delete(VerifyChain.File(sequence));
        var result = DamageOracle.Check(chain, $"without image {sequence}");
        var points = result.Chains[0].Points;
        Assert.Equal(sequence < 3, result.Findings.Any(f => f.Message.Contains($"image {sequence}", StringComparison.Ordinal)));
        foreach (var point in points)
        {
            // Newer images keep what they say themselves; the oracle knows that nothing older takes the place of the rest.
            Assert.True(point.Sequence < sequence ? point.LostBytes == 0 : point.LostBytes is > 0 and < 150_000);
        }
    }

    [Fact]
    public void A_newest_member_that_was_deleted_leaves_no_trace_and_harms_nobody()
    {
        chain.Folder.Delete(VerifyChain.File(3));
        var result = DamageOracle.Check(chain, "without the tip");
        Assert.Empty(result.Findings);
        Assert.Equal([1L, 2], result.Chains[0].Restorable);
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(2, 4)]
    [InlineData(3, 9)]
    public void A_copy_under_another_number_is_named_and_harms_nobody(long of, long at)
    {
        chain.Replace(VerifyChain.File(at), files[VerifyChain.File(of)]);
        var result = DamageOracle.Check(chain, $"image {of} again as {at}");
        Assert.Contains($"it is image {of}", Assert.Single(result.Findings).Message, StringComparison.Ordinal);
        Assert.Equal([1L, 2, 3], result.Chains[0].Restorable);
        Assert.Equal([at], result.Chains[0].Broken);
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(1, 3)]
    [InlineData(2, 3)]
    public void Members_that_were_swapped_are_named(long one, long other)
    {
        chain.Replace(VerifyChain.File(one), files[VerifyChain.File(other)]);
        chain.Replace(VerifyChain.File(other), files[VerifyChain.File(one)]);
        var result = DamageOracle.Check(chain, $"images {one} and {other} swapped");
        Assert.Contains(result.Findings, f => f.Sequence == one && f.Message.Contains($"it is image {other}", StringComparison.Ordinal));
        Assert.Contains(result.Findings, f => f.Sequence == other && f.Message.Contains($"it is image {one}", StringComparison.Ordinal));
        Assert.Equal(one == 1 ? [] : [1L], result.Chains[0].Restorable);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_stale_member_of_the_chain_is_named_and_never_built_on(long sequence)
    {
        // The same chain, in which this image was made at another time with other content.
        using var other = chain.Fork(sequence - 1, 77);
        var content = (byte[])chain.Points[(int)sequence - 1].Clone();
        content.AsSpan(20_000, 9000).Fill(0x42);
        other.Add(content);
        chain.Replace(VerifyChain.File(sequence), other.Bytes(VerifyChain.File(sequence)));
        chain.Points[(int)sequence - 1] = content;

        var result = DamageOracle.Check(chain, $"a stale image {sequence}");

        // It is what it is, and whole; but what was made from the other one of its number isn't built on it.
        Assert.Equal(Enumerable.Range(1, (int)sequence).Select(i => (long)i), result.Chains[0].Restorable);
        Assert.Equal(sequence < 3, result.Findings.Any(f => f.Message.Contains($"image {sequence}", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Files_of_another_chain_are_named_and_never_taken(long sequence)
    {
        using var other = new VerifyChain(seed: 9);
        chain.Points.ForEach(p => other.Add(p));
        chain.Replace(VerifyChain.File(sequence), other.Bytes(VerifyChain.File(sequence)));
        chain.Replace(VerifyChain.File(7), other.Bytes(VerifyChain.File(sequence)));
        var result = DamageOracle.Check(chain, $"image {sequence} of another chain");
        Assert.Contains(result.Findings, f => f.Sequence == sequence);
        Assert.Contains(result.Findings, f => f.Sequence == 7);
        Assert.Equal(sequence - 1, result.Chains[0].Restorable.Count);
    }
}
