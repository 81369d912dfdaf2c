using Tidemark.Engine;
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
/// Verify, restore, repair and heal agree over random damage of all files of a chain: images, parts, repair files, healing
/// images, keys. What verify calls lost is what a restore lacks and a server refuses, and neither repair nor heal says
/// "whole" where verify says damage, before their work or after it.
/// </summary>
public class AgreementTests
{
    /// <summary>Random damages of one chain in an ordinary run; TIDEMARK_SWEEP=all tries fifty times as many.</summary>
    private const int Rounds = 8;

    private static int Times => Environment.GetEnvironmentVariable("TIDEMARK_SWEEP") == "all" ? 50 * Rounds : Rounds;

    public static TheoryData<string> Shapes => ["plain", "encrypted", "parts"];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Verify_restore_serve_repair_and_heal_agree_over_damage_of_any_file(string shape)
    {
        var random = Seed.Random($"agree {shape}");
        using var chain = Make(shape, random);
        var whole = chain.Files();
        Assert.Contains(whole.Keys, n => n.EndsWith(ImageNames.RepairExtension, StringComparison.Ordinal));
        Assert.Contains(whole.Keys, n => n.EndsWith(ImageNames.HealingExtension, StringComparison.Ordinal));
        Assert.Empty(chain.Verify(VerifyDepth.Deep).Findings);
        Assert.Equal((false, false), (SaysDamage(chain.Repair()), SaysDamage(chain.Heal(chain.Points[2]))));
        for (var round = 0; round < Times; round++)
        {
            var where = string.Join(", ", Enumerable.Range(0, random.Next(1, 4)).Select(_ => Damage(chain, [.. whole.Keys], random)));
            where = $"{shape}, round {round}: {where}";
            Assert.True(Attempt(where, () => Agree(chain, where, random)), where);
            chain.Reset(whole);
        }
    }

    private static void Agree(VerifyChain chain, string where, Random random)
    {
        var found = DamageOracle.Check(chain, where).Findings.Count > 0;
        var damaged = chain.Files();
        var source = chain.Points[random.Next(3)];

        Assert.True(SaysDamage(chain.Heal(source)) || Did(chain, damaged) || !found, $"{where}: heal says that nothing is damaged");
        Settled(chain, () => SaysDamage(chain.Heal(source)), $"{where}, healed");

        chain.Reset(damaged);
        Assert.True(SaysDamage(chain.Repair()) || Did(chain, damaged) || !found, $"{where}: repair calls the chain whole");
        Settled(chain, () => SaysDamage(chain.Repair()), $"{where}, repaired");

        // And one after the other, as people would.
        chain.Heal(source);
        Settled(chain, () => SaysDamage(chain.Heal(source)), $"{where}, repaired and healed");
    }

    /// <summary>A run that finds nothing more to do says damage exactly where verify does.</summary>
    private static void Settled(VerifyChain chain, Func<bool> saysDamage, string where)
    {
        var said = saysDamage();
        var findings = DamageOracle.Check(chain, where).Findings;
        Assert.True(said || findings.Count == 0, $"{where}: nothing is said of {string.Join(" | ", findings.Select(f => f.Message))}");
    }

    private static bool SaysDamage(HealResult result) => result.LeavesDamage;

    private static bool SaysDamage(RepairResult result) =>
        result.Notes.Count > 0 || result.Images.Any(i => i.State is not (RepairState.Whole or RepairState.Repaired));

    /// <summary>Whether files were made or deleted, so that what was damaged may be whole now.</summary>
    private static bool Did(VerifyChain chain, Dictionary<string, byte[]> before) =>
        !chain.Folder.List().Select(e => e.Name).Order().SequenceEqual(before.Keys.Order());

    /// <summary>A chain that nobody can open any more is no subject; verify, repair and heal say so alike.</summary>
    private static bool Attempt(string where, Action check)
    {
        try
        {
            check();
        }
        catch (InvalidOperationException e) when (e.InnerException is TidemarkException { Error: TidemarkError.Key or TidemarkError.Damaged or TidemarkError.WrongUse })
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{where}: {e.Message}");
        }

        return true;
    }

    private static string Damage(VerifyChain chain, List<string> files, Random random)
    {
        // Each kind of file as often, however few there are of it.
        var kinds = files.Where(f => chain.Folder.List().Any(e => e.Name == f)).GroupBy(Path.GetExtension).ToList();
        var kind = kinds[random.Next(kinds.Count)].ToList();
        var name = kind[random.Next(kind.Count)];
        var length = (int)chain.Folder.Content(name).Length;
        var at = length == 0 ? 0 : random.Next(3) switch { 0 => random.Next(length), 1 => length - 1 - random.Next(Math.Min(length, 800)), _ => random.Next(Math.Min(length, 5000)) };
        switch (length == 0 ? 9 : random.Next(10))
        {
            case < 6:
                chain.Folder.Content(name).Flip(at, (byte)(1 << random.Next(8)));
                return $"byte {at} of {name} flipped";
            case < 8:
                var count = Math.Min(random.Next(1, 700), length - at);
                chain.Patch(name, at, new byte[count]);
                return $"{count} bytes at {at} of {name} zeroed";
            case 8:
                chain.Folder.Content(name).Truncate(at);
                return $"{name} cut to {at}";
            default:
                chain.Folder.Delete(name);
                return $"{name} deleted";
        }
    }

    /// <summary>Three images, of which the first is repaired and the first and third are healed.</summary>
    private static VerifyChain Make(string shape, Random random)
    {
        var chain = new VerifyChain(
            codec: shape == "encrypted" ? Codec.Lz4 : Codec.Zstd, hash: shape == "encrypted" ? HashAlgorithm.Blake3 : HashAlgorithm.Xxh128,
            encrypted: shape == "encrypted", part: shape == "parts" ? 65536 : 0);
        var content = new byte[shape == "parts" ? 122 * 4096 : 250_000];
        for (var i = 0; i < content.Length; i += 4096)
        {
            random.NextBytes(content.AsSpan(i, shape == "parts" ? 650 : 24));
        }

        chain.Add(content);
        random.NextBytes(content.AsSpan(90_000, 40));
        random.NextBytes(content.AsSpan(200_000, 20));
        chain.Add(content);
        random.NextBytes(content.AsSpan(110_000, 30));
        content.AsSpan(50_000, 20_000).Clear();
        chain.Add(content);
        if (shape == "encrypted")
        {
            chain.RenewKey();
        }

        var frame = chain.Runs(1).First(r => r.State == BlockState.Data).Frame;
        var other = chain.Runs(3).First(r => r.State == BlockState.Data).Frame;
        chain.ErasePages(1, _ => true);
        chain.Repair();
        chain.Erase(1, frame.Offset + (frame.Length / 2), 20);
        chain.Erase(3, other.Offset + (other.Length / 2), 8);
        chain.Heal(chain.Points[0]);
        chain.Heal(chain.Points[2]);
        return chain;
    }
}
