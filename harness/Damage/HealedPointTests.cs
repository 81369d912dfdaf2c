using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Serving;
using Tidemark.Harness.Operations;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Damage;

/// <summary>A point in time stays what it is when healing images stand before its image.</summary>
[Case("4.3")]
public class HealedPointTests
{
    private const int Size = 600_000;
    private const int Sector = 512;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sectors_that_couldnt_be_read_are_errors_after_a_heal_as_before(bool encrypted)
    {
        var random = Seed.Random($"healed {encrypted}");
        var content = new byte[Size];
        random.NextBytes(content);
        using var chain = new VerifyChain(encrypted: encrypted);
        var source = new MemoryDevice((byte[])content.Clone());
        var bad = random.Next(40, 80) * 4096;
        source.Fail(bad + Sector, 2 * Sector);
        chain.Add(source);
        source.WriteAt(400_000, new byte[60_000]);
        chain.Add(source);
        var before = new[] { Errors(chain, 1), Errors(chain, 2) };
        Assert.Equal([bad + Sector, bad + (2 * Sector)], before[0]);
        Assert.Equal(before[0], before[1]);

        // Other blocks of both images are damaged and healed, so that healing images stand before both.
        Spoil(chain, 1, r => r.First < 20);
        chain.Add(source);
        source.WriteAt(540_000, content.AsSpan(0, 30_000));
        chain.Add(source);
        Spoil(chain, 4, _ => true);
        source.Heal();
        var healed = chain.Heal(source);
        Assert.Equal([1L, 4], healed.Images.Select(i => i.Sequence));
        Assert.All(healed.Images, i => Assert.Empty(i.Left));

        foreach (var sequence in new[] { 1L, 2, 3, 4 })
        {
            Assert.Equal(before[0], Errors(chain, sequence));
        }

        using var opened = chain.Open();
        using var device = new PointDevice(opened.Lineage(opened.Get(4)), opened.Hasher(opened.Get(4)));
        Assert.EndsWith("000004.tdi", device.Name, StringComparison.Ordinal);
        using var point = new PointProbe(opened.Lineage(opened.Get(4)), opened.Hasher(opened.Get(4)));
        Assert.EndsWith("000004.tdi", point.Name, StringComparison.Ordinal);
    }

    [Fact]
    public void The_unreadable_block_itself_may_be_healed_and_stays_unreadable()
    {
        var content = new byte[Size];
        Seed.Random().NextBytes(content);
        using var chain = new VerifyChain();
        var source = new MemoryDevice((byte[])content.Clone());
        source.Fail(81920 + Sector, Sector);
        chain.Add(source);
        Spoil(chain, 1, r => r.State == BlockState.Unreadable);
        Assert.Empty(Assert.Single(chain.Heal(source).Images).Left);
        Assert.Equal([81920 + Sector], Errors(chain, 1));
    }

    private static void Spoil(VerifyChain chain, long sequence, Func<Tidemark.Engine.Format.IndexExtent, bool> which)
    {
        var frame = chain.Runs(sequence).First(r => r.State.IsStored() && which(r)).Frame;
        chain.Erase(sequence, frame.Offset + (frame.Length / 2), 60);
    }

    /// <summary>The sectors that a point in time gives errors for.</summary>
    private static List<int> Errors(VerifyChain chain, long sequence)
    {
        using var opened = chain.Open();
        var image = opened.Get(sequence);
        using var device = new PointDevice(opened.Lineage(image), opened.Hasher(image));
        List<int> errors = [];
        var buffer = new byte[Sector];
        for (var at = 0; at < Size; at += Sector)
        {
            try
            {
                device.ReadAt(at, buffer.AsSpan(0, Math.Min(Sector, Size - at)));
            }
            catch (DeviceIoException)
            {
                errors.Add(at);
            }
        }

        return errors;
    }
}
