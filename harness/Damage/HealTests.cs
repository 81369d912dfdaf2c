using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Operations.Healing;
using Tidemark.Engine.Operations.Repairs;
using Tidemark.Harness.Operations;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Damage;

/// <summary>Damaged blocks come back from a source that still has them, in healing images beside the damaged ones.</summary>
public class HealTests
{
    private const int Size = 1_500_500;

    public static TheoryData<string> Shapes => ["plain", "encrypted", "parts"];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Blocks_that_the_source_still_has_are_healed_and_every_point_takes_them(string shape)
    {
        var random = Seed.Random($"heal {shape}");
        using var chain = Make(shape, random);
        var frames = Frames(chain, 1);
        foreach (var frame in frames.Where((_, i) => i % 3 == 1).Append(frames[^1]))
        {
            chain.Erase(1, frame.Key.Offset + 200, 300);
        }

        chain.Erase(3, Frames(chain, 3)[0].Key.Offset + 100, 100);
        var before = chain.Folder.List().ToDictionary(e => e.Name, e => chain.Bytes(e.Name));
        var broken = DamageOracle.Check(chain, shape);
        Assert.NotEmpty(broken.Findings);

        // The newest point has none of what was overwritten since the first: that stays lost, and is listed.
        var result = chain.Heal(chain.Points[2]);

        Assert.All(before, f => Assert.Equal(f.Value, chain.Bytes(f.Key)));
        Assert.Equal([1L, 3], result.Images.Select(i => i.Sequence));
        Assert.All(result.Images, i => Assert.True(i.HealedBytes > 0 && i.File is not null));
        Assert.Empty(result.Images[1].Left);
        var healed = DamageOracle.Check(chain, $"{shape}, healed from the newest point");
        Assert.Equal(result.Images[0].Left, healed.Chains[0].Points[0].Lost);
        Assert.Contains(3L, healed.Chains[0].Restorable);

        // An older copy has the rest.
        var rest = chain.Heal(chain.Points[0]);
        Assert.All(rest.Images, i => Assert.Empty(i.Left));
        var whole = DamageOracle.Check(chain, $"{shape}, healed from an old copy too");
        Assert.Equal([1L, 2, 3], whole.Chains[0].Restorable);
        Assert.Empty(whole.Findings);
        Assert.NotEmpty(whole.Notes);
        Assert.Empty(chain.Heal(chain.Points[0]).Images);

        // The next image is built on it, and finds nothing changed.
        chain.Add(chain.Points[2]);
        Assert.Equal(0, chain.Footer(4).Counts.ChangedBlocks);
        Assert.Contains(4L, DamageOracle.Check(chain, $"{shape}, gone on").Chains[0].Restorable);
    }

    [Fact]
    public void What_the_source_holds_no_more_is_never_taken()
    {
        var random = Seed.Random();
        using var chain = Make("plain", random);
        var frame = Frames(chain, 3)[0];
        chain.Erase(3, frame.Key.Offset + 100, 50);
        var other = new byte[Size];
        random.NextBytes(other);
        var image = Assert.Single(chain.Heal(other).Images);
        Assert.Null(image.File);
        Assert.Equal((image.DamagedBytes, 0L), (image.Differs, image.HealedBytes));
        Assert.Equal(image.Left, DamageOracle.Check(chain, "not healed").Chains[0].Points[2].Lost);
        Assert.DoesNotContain(chain.Folder.List(), e => e.Name.EndsWith(".tdh", StringComparison.Ordinal));

        // A source that is smaller, and one that can't be read there, have nothing either.
        Assert.Null(Assert.Single(chain.Heal(new byte[4096]).Images).File);
        var failing = new MemoryDevice((byte[])chain.Points[2].Clone());
        foreach (var run in frame)
        {
            failing.Fail(run.First * 4096, run.Count * 4096);
        }

        Assert.Null(Assert.Single(chain.Heal(failing).Images).File);
        Assert.Equal([1L, 2], DamageOracle.Check(chain, "still not healed").Chains[0].Restorable);
        Assert.Single(chain.Heal(chain.Points[2]).Images, i => i.Left.Count == 0);
        Assert.Equal([1L, 2, 3], DamageOracle.Check(chain, "healed").Chains[0].Restorable);
    }

    [Fact]
    public void A_damaged_healing_image_is_named_and_healed_again()
    {
        var random = Seed.Random();
        using var chain = Make("encrypted", random);
        chain.Erase(3, Frames(chain, 3)[0].Key.Offset + 100, 50);
        var name = Assert.Single(chain.Heal(chain.Points[2]).Images).File!;
        var file = chain.Folder.Content(name);
        for (var at = 0L; at < file.Length; at += 1 + random.Next(file.Length > 100_000 ? 30_000 : 1000))
        {
            file.Flip(at, 4);
            var result = DamageOracle.Check(chain, $"byte {at} of {name}");
            Assert.Contains(result.Findings, f => f.File == name || f.Message.Contains(name, StringComparison.Ordinal));
            file.Flip(at, 4);
        }

        chain.Folder.Delete(name);
        Assert.Single(chain.Heal(chain.Points[2]).Images, i => i.Left.Count == 0);
        Assert.Empty(DamageOracle.Check(chain, "healed again").Findings);
    }

    [Fact]
    public void Repair_first_and_healing_then_bring_back_an_image_without_index_and_with_damaged_frames()
    {
        var random = Seed.Random();
        using var chain = Make("plain", random);
        chain.Erase(1, Frames(chain, 1)[2].Key.Offset + 100, 50);
        var footer = chain.Footer(1);
        chain.Erase(1, footer.PayloadLength, ImageFormat.FooterSize);
        Assert.NotEmpty(chain.Heal(chain.Points[0]).Notes);
        Assert.Equal(RepairState.Partly, chain.Repair().Images[0].State);
        Assert.All(chain.Heal(chain.Points[0]).Images, i => Assert.Empty(i.Left));
        Assert.Equal([1L, 2, 3], DamageOracle.Check(chain, "repaired and healed").Chains[0].Restorable);
    }

    private static List<IGrouping<Tidemark.Engine.Format.FrameRef, Tidemark.Engine.Format.IndexExtent>> Frames(VerifyChain chain, long sequence) =>
        [.. chain.Runs(sequence).Where(r => r.State == BlockState.Data).GroupBy(r => r.Frame)];

    private static VerifyChain Make(string shape, Random random) => shape switch
    {
        "plain" => VerifyChain.OfThree(random, Size),
        "encrypted" => VerifyChain.OfThree(random, Size, codec: Codec.Lz4, hash: HashAlgorithm.Blake3, encrypted: true),
        _ => VerifyChain.OfThree(random, Size, codec: Codec.None, part: 65536 * 4),
    };
}
