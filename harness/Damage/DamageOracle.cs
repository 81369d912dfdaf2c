using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Operations;
using Tidemark.Harness.Engine;
using Tidemark.Harness.Operations;
using Xunit;

namespace Tidemark.Harness.Damage;

/// <summary>
/// Holds a verification of a damaged chain against what restores really bring: what it calls lost is exactly what a
/// salvaging restore lists and leaves as zeros, and every other byte is the one that was imaged.
/// </summary>
internal static class DamageOracle
{
    /// <param name="where">What was damaged, for the message of a failure.</param>
    /// <returns>What the verification found.</returns>
    public static VerifyResult Check(VerifyChain chain, string where)
    {
        VerifyResult result;
        try
        {
            result = chain.Verify(VerifyDepth.Deep);
        }
        catch (TidemarkException e) when (e.Error is TidemarkError.Damaged or TidemarkError.Key)
        {
            // Nothing opens the chain; that is said, and nothing is promised.
            throw new InvalidOperationException($"{where}: verify ended with {e.Message}", e);
        }

        using var opened = TryOpen(chain);
        var points = result.Chains[0].Points;
        Assert.Equal(points.Select(p => p.Sequence), [.. result.Chains[0].Restorable.Concat(result.Chains[0].Broken).Order()]);
        foreach (var point in points)
        {
            if (opened is null)
            {
                Assert.True(point.LostBytes is null, $"{where}: image {point.Sequence} is promised although nobody can open the chain");
                continue;
            }

            CheckPoint(chain, opened, point, where);
        }

        return result;
    }

    private static Chain? TryOpen(VerifyChain chain)
    {
        try
        {
            return chain.Open();
        }
        catch (TidemarkException)
        {
            return null;
        }
    }

    private static void CheckPoint(VerifyChain chain, Chain opened, VerifiedPoint point, string where)
    {
        var member = opened.Members.First(m => m.Sequence == point.Sequence);
        if (member.Image is not { } image)
        {
            Assert.True(point.SourceBytes is null, $"{where}: image {point.Sequence} can't be opened and yet has a size");
            return;
        }

        var truth = chain.Points[(int)point.Sequence - 1];
        var restored = ChainFixture.Salvage(opened, image, out var damage);
        var lost = chain.Ranges(damage.Select(d => new Tidemark.Engine.Index.IndexRun(d.FirstBlock, d.Count, default)), truth.Length);
        Assert.True(
            lost.SequenceEqual(point.Lost),
            $"{where}: image {point.Sequence}: verify calls {string.Join(", ", point.Lost)} lost, restore {string.Join(", ", lost)}");
        Assert.True(point.LostBytes == lost.Sum(r => r.Length), $"{where}: image {point.Sequence}: {point.LostBytes} bytes lost");
        var expected = (byte[])truth.Clone();
        foreach (var range in lost)
        {
            expected.AsSpan((int)range.Offset, (int)range.Length).Clear();
        }

        Assert.True(restored.AsSpan().SequenceEqual(expected), $"{where}: image {point.Sequence} restores to something else");
    }
}
