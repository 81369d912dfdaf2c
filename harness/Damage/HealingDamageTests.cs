using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Operations.Healing;
using Tidemark.Engine.Operations.Repairs;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Harness.Operations;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Damage;

/// <summary>
/// Healing images and repair files are damaged in their turn: it is named, costs no more than they brought, and is mended
/// as the images were.
/// </summary>
[Case("4.7")]
[Case("4.8")]
public class HealingDamageTests
{
    /// <summary>Of so many bytes one is damaged in an ordinary run; TIDEMARK_SWEEP=all takes each.</summary>
    private const int Share = 900;

    private static bool All => Environment.GetEnvironmentVariable("TIDEMARK_SWEEP") == "all";

    public static TheoryData<string> Shapes => ["plain", "encrypted"];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Any_bit_of_a_healing_image_is_named_and_healed_again(string shape)
    {
        var random = Seed.Random($"tdh {shape}");
        using var chain = Healed(shape, random, out var unhealed);
        var whole = chain.Files();
        foreach (var name in whole.Keys.Where(n => n.EndsWith(ImageNames.HealingExtension, StringComparison.Ordinal)))
        {
            var length = whole[name].Length;
            for (var at = random.Next(100); at < length; at += Step(at, length, random))
            {
                var where = $"byte {at} of {name} ({shape})";
                chain.Folder.Content(name).Flip(at, (byte)(1 << random.Next(8)));
                var damaged = DamageOracle.Check(chain, where);
                Assert.True(damaged.Findings.Any(f => f.File == name), $"{where} isn't named: {Told(damaged)}");
                foreach (var (point, before) in damaged.Chains[0].Points.Zip(unhealed))
                {
                    Assert.True(point.LostBytes <= before, $"{where}: {point.LostBytes} bytes of point {point.Sequence} are lost, {before} without it");
                }

                Assert.Contains(chain.Repair().Images, i => i.State == RepairState.Damaged && i.Problem!.Contains(name, StringComparison.Ordinal));
                var healed = chain.Heal(chain.Points[name.StartsWith("000003", StringComparison.Ordinal) ? 2 : 0]);
                Assert.True(healed.Images.All(i => i.Left.Count == 0) && healed.Notes.Count == 0, $"{where}: {string.Join(" | ", healed.Notes)}");
                Assert.Contains(name, healed.Images.SelectMany(i => i.Replaced));
                var again = DamageOracle.Check(chain, $"{where}, healed again");
                Assert.True(again.Findings.Count == 0, $"{where}, healed again: {Told(again)}");
                Assert.Equal([1L, 2, 3], again.Chains[0].Restorable);
                Assert.All(chain.Repair().Images, i => Assert.Equal(RepairState.Whole, i.State));
                chain.Reset(whole);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_source_that_went_on_costs_only_what_is_damaged_in_the_healing_image(string shape)
    {
        var random = Seed.Random($"went on {shape}");
        using var chain = Healed(shape, random, out var unhealed);
        var name = chain.Folder.List().Select(e => e.Name).First(n => n.EndsWith(ImageNames.HealingExtension, StringComparison.Ordinal));
        chain.Folder.Content(name).Flip(ImageFormat.HeaderSize + 200, 1);
        var other = new byte[chain.Points[0].Length];
        random.NextBytes(other);

        var healed = chain.Heal(other);

        Assert.Empty(healed.Images.SelectMany(i => i.Replaced));
        var lost = Assert.Single(healed.Images, i => i.Left.Count > 0);
        Assert.True(lost.HealedBytes > 0 && lost.DamagedBytes > lost.HealedBytes, "what is whole in it is kept");
        var after = DamageOracle.Check(chain, shape);
        Assert.Contains(after.Findings, f => f.File == name);
        Assert.Equal(lost.Left, after.Chains[0].Points[(int)lost.Sequence - 1].Lost);
        Assert.True(after.Chains[0].Points[0].LostBytes < unhealed[0]);

        // Nothing more can be done, so nothing more is written; and what the source has once more is taken.
        var files = chain.Folder.List().Count;
        Assert.All(chain.Heal(other).Images, i => Assert.Null(i.File));
        Assert.Equal(files, chain.Folder.List().Count);
        Assert.Contains(name, chain.Heal(chain.Points[0]).Images.SelectMany(i => i.Replaced));
        Assert.Empty(DamageOracle.Check(chain, $"{shape}, from the right source").Findings);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Any_bit_of_a_repair_file_is_named_and_repaired_again(string shape)
    {
        var random = Seed.Random($"tdr {shape}");
        using var chain = Make(shape, random);
        chain.ErasePages(1, _ => true);
        chain.Erase(2, chain.Footer(2).PayloadLength, ImageFormat.FooterSize);
        Assert.Equal(2, chain.Repair().Images.Count(i => i.State == RepairState.Repaired));
        var whole = chain.Files();
        foreach (var name in whole.Keys.Where(n => n.EndsWith(ImageNames.RepairExtension, StringComparison.Ordinal)))
        {
            var length = whole[name].Length;
            for (var at = random.Next(60); at < length; at += All ? 1 : random.Next(1, 2 * Math.Max(40, length / 8)))
            {
                var where = $"byte {at} of {name} ({shape})";
                chain.Folder.Content(name).Flip(at, (byte)(1 << random.Next(8)));
                var damaged = DamageOracle.Check(chain, where);
                Assert.True(damaged.Findings.Any(f => f.File == name), $"{where} isn't named: {Told(damaged)}");
                Assert.True(chain.Heal(chain.Points[0]).Notes.Count > 0, $"{where}: heal says nothing of it");
                var repaired = chain.Repair();
                Assert.True(
                    repaired.Images.All(i => i.State is RepairState.Whole or RepairState.Repaired) && repaired.Images.Any(i => i.State == RepairState.Repaired),
                    $"{where}: {string.Join(" | ", repaired.Images.Select(i => i.Problem))}");
                var again = DamageOracle.Check(chain, $"{where}, repaired again");
                Assert.True(again.Findings.Count == 0, $"{where}, repaired again: {Told(again)}");
                chain.Reset(whole);
            }
        }
    }

    private static int Step(int at, int length, Random random) => All ? 1
        : random.Next(1, 2 * Math.Max(Share, length / 8));

    /// <summary>A chain whose images 1 and 3 are damaged, and healed; and what each point had lost before.</summary>
    private static VerifyChain Healed(string shape, Random random, out List<long> unhealed)
    {
        var chain = Make(shape, random);
        foreach (var sequence in new[] { 1L, 3 })
        {
            var frames = chain.Runs(sequence).Where(r => r.State == BlockState.Data).GroupBy(r => r.Frame).ToList();
            foreach (var frame in frames.Take(3))
            {
                chain.Erase(sequence, frame.Key.Offset + (frame.Key.Length / 2), 10);
            }
        }

        unhealed = [.. chain.Verify(VerifyDepth.Deep).Chains[0].Points.Select(p => p.LostBytes!.Value)];
        Assert.All(chain.Heal(chain.Points[0]).Images.Where(i => i.Sequence == 1), i => Assert.Empty(i.Left));
        chain.Heal(chain.Points[2]);
        Assert.Equal([1L, 2, 3], chain.Verify(VerifyDepth.Deep).Chains[0].Restorable);
        return chain;
    }

    private static VerifyChain Make(string shape, Random random) => shape switch
    {
        "plain" => Small(new VerifyChain(), random),
        _ => Small(new VerifyChain(codec: Codec.Lz4, hash: HashAlgorithm.Blake3, encrypted: true), random),
    };

    /// <summary>
    /// Content that compresses well, so that most of a file is structure, and a frame is small: the search for a flipped bit
    /// in a large one takes seconds.
    /// </summary>
    private static VerifyChain Small(VerifyChain chain, Random random)
    {
        var content = new byte[600_000];
        for (var i = 0; i < content.Length; i += 4096)
        {
            random.NextBytes(content.AsSpan(i, 24));
        }

        chain.Add(content);
        random.NextBytes(content.AsSpan(290_000, 40));
        random.NextBytes(content.AsSpan(500_000, 20));
        chain.Add(content);
        random.NextBytes(content.AsSpan(310_000, 30));
        content.AsSpan(100_000, 30_000).Clear();
        chain.Add(content);
        return chain;
    }

    private static string Told(VerifyResult result) => string.Join(" | ", result.Findings.Select(f => $"{f.File}: {f.Message}"));
}
