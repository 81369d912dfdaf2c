using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Images;
using Tidemark.Engine.Io;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Serving;
using Tidemark.Harness.Engine;
using Tidemark.Harness.Operations;
using Xunit;

namespace Tidemark.Harness.Damage;

/// <summary>
/// Holds a verification of a damaged chain against what restores really bring: what it calls lost is exactly what a
/// salvaging restore lists and leaves as zeros, and every other byte is the one that was imaged. A restore that doesn't
/// salvage lists the same, or is refused before it wrote anything where the verification says so; and a server answers
/// exactly the blocks that are lost with errors.
/// </summary>
internal static class DamageOracle
{
    private static RestoreQueues Queues { get; } = new(new IoQueueOptions(4, 64 << 10), new IoQueueOptions(4, 64 << 10), 0);

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
        var lost = chain.Ranges(damage.Select(d => new Tidemark.Engine.Format.IndexExtent(d.FirstBlock, d.Count, default)), truth.Length);
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
        CheckRestore(opened, image, point, expected, where);
        if (opened.TryLineage(image, out _) is { } lineage)
        {
            CheckServed(lineage, opened, point, truth, where);
        }
    }

    private static void CheckRestore(Chain opened, ImageReader image, VerifiedPoint point, byte[] expected, string where)
    {
        var before = new byte[expected.Length];
        before.AsSpan().Fill(0xEE);
        var target = new MemoryDevice((byte[])before.Clone());
        var request = new RestoreRequest { Image = ImageAddress.Parse("chain"), Target = TargetLocation.Parse("target"), Force = true };
        try
        {
            var result = Restore.Run(
                opened, image, request.Image, request,
                (identity, marker, fit) => RestoreTarget.On(target, request, identity, marker, fit), Queues, NoObserver.Instance,
                new RunClock(TimeProvider.System), TestContext.Current.CancellationToken);
            Assert.False(point.NeedsSalvage, $"{where}: image {point.Sequence} is restored although it would be refused");
            List<ByteRange> listed = [];
            var joiner = new RangeJoiner(listed.Add);
            foreach (var range in result.Damaged)
            {
                joiner.Add(range.Offset, range.Offset + range.Length);
            }

            joiner.Complete();
            Assert.True(listed.SequenceEqual(point.Lost), $"{where}: image {point.Sequence}: a restore lists {string.Join(", ", listed)}");
            Assert.True(target.Content.SequenceEqual(expected), $"{where}: image {point.Sequence} restores to something else");
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            Assert.True(point.NeedsSalvage, $"{where}: image {point.Sequence} is refused: {e.Message}");
            Assert.True(target.Content.SequenceEqual(before), $"{where}: the target was written before image {point.Sequence} was refused");
        }
    }

    private static void CheckServed(Lineage lineage, Chain opened, VerifiedPoint point, byte[] truth, string where)
    {
        using var device = new PointDevice(lineage, opened.Hasher(lineage.Image), 1 << 20);
        var block = new byte[lineage.Header.BlockSize];
        var next = 0;
        for (var offset = 0; offset < truth.Length; offset += block.Length)
        {
            while (next < point.Lost.Count && point.Lost[next].Offset + point.Lost[next].Length <= offset)
            {
                next++;
            }

            var lost = next < point.Lost.Count && point.Lost[next].Offset <= offset;
            var bytes = block.AsSpan(0, Math.Min(block.Length, truth.Length - offset));
            try
            {
                device.ReadAt(offset, bytes);
                Assert.False(lost, $"{where}: image {point.Sequence}: what is lost at {offset} is served");
                Assert.True(bytes.SequenceEqual(truth.AsSpan(offset, bytes.Length)), $"{where}: image {point.Sequence} is served wrong at {offset}");
            }
            catch (DeviceIoException e)
            {
                Assert.True(lost, $"{where}: image {point.Sequence} isn't served at {offset}: {e.Message}");
            }
        }
    }
}
