using System.Diagnostics;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Operations.Repairs;
using Tidemark.Harness.Operations;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Damage;

/// <summary>
/// Damages every file of small chains at every place: each time it is detected, named and contained, and the list of
/// what can still be restored is exact. With TIDEMARK_SWEEP=all every bit is flipped and every length is cut to; else
/// a share that differs from run to run.
/// </summary>
public class SweepTests
{
    /// <summary>Asks for the whole sweep, which takes minutes.</summary>
    private const string Variable = "TIDEMARK_SWEEP";

    /// <summary>Of so many bytes one is damaged in an ordinary run.</summary>
    private const int Share = 60;

    /// <summary>The same for parts, which have at least 64 KiB, nearly all of it content.</summary>
    private const int PartShare = 600;

    private static bool All => Environment.GetEnvironmentVariable(Variable) == "all";

    public static TheoryData<string> Shapes => ["plain", "encrypted", "parts"];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_flipped_bit_anywhere_is_detected_named_and_contained(string shape)
    {
        var random = Seed.Random($"flip {shape}");
        using var chain = Make(shape);
        var clock = Stopwatch.StartNew();
        var flips = 0;
        foreach (var file in Files(chain))
        {
            var content = chain.Folder.Content(file);
            for (var at = All ? 0L : random.Next(Share); at < content.Length; at += Step(shape, at, content.Length, random))
            {
                for (var bit = All ? 0 : random.Next(8); bit < 8; bit += All ? 1 : 8)
                {
                    content.Flip(at, (byte)(1 << bit));
                    Expect(chain, file, $"bit {bit} of byte {at} of {file} ({shape})");
                    content.Flip(at, (byte)(1 << bit));
                    flips++;
                }
            }
        }

        Tell($"{shape}: {flips} bits flipped one at a time, in {clock.Elapsed.TotalSeconds:0.0} s");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_file_cut_off_anywhere_is_detected_named_and_contained(string shape)
    {
        var random = Seed.Random($"cut {shape}");
        using var chain = Make(shape);
        var clock = Stopwatch.StartNew();
        var cuts = 0;
        foreach (var file in Files(chain))
        {
            var whole = chain.Bytes(file);
            for (var length = All ? 0L : random.Next(Share); length < whole.Length; length += Step(shape, length, whole.Length, random))
            {
                chain.Folder.Content(file).Truncate(length);
                Expect(chain, file, $"{file} cut to {length} bytes ({shape})");
                chain.Replace(file, whole);
                cuts++;
            }
        }

        Tell($"{shape}: files cut to {cuts} lengths, in {clock.Elapsed.TotalSeconds:0.0} s");
    }

    /// <summary>Of the content of parts a share is enough in any run.</summary>
    private static int Step(string shape, long at, long length, Random random) => !All ? random.Next(1, 2 * (shape == "parts" ? PartShare : Share))
        : shape == "parts" && at > 4300 && at < length - 3000 ? 61
        : 1;

    [Theory]
    [MemberData(nameof(Shapes))]
    public void A_flipped_bit_anywhere_is_repaired(string shape)
    {
        var random = Seed.Random($"repair {shape}");
        using var chain = Make(shape);
        var clock = Stopwatch.StartNew();
        var flips = 0;
        foreach (var file in Files(chain))
        {
            var content = chain.Folder.Content(file);
            for (var at = All ? 0L : random.Next(Share); at < content.Length; at += RepairStep(shape, at, content.Length, random))
            {
                for (var bit = All ? 0 : random.Next(8); bit < 8; bit += All ? 1 : 8)
                {
                    var where = $"bit {bit} of byte {at} of {file} ({shape}), repaired";
                    content.Flip(at, (byte)(1 << bit));
                    var images = chain.Repair().Images;
                    Assert.True(images.All(i => i.State is RepairState.Whole or RepairState.Repaired), $"{where}: {string.Join(" | ", images.Select(i => i.Problem))}");
                    var result = DamageOracle.Check(chain, where);
                    Assert.True(result.Findings.Count == 0, $"{where}: {string.Join(" | ", result.Findings.Select(f => f.Message))}");
                    foreach (var made in images.Where(i => i.File is not null))
                    {
                        chain.Folder.Delete(made.File!);
                    }

                    content.Flip(at, (byte)(1 << bit));
                    flips++;
                }
            }
        }

        Tell($"{shape}: {flips} flipped bits repaired one at a time, in {clock.Elapsed.TotalSeconds:0.0} s");
    }

    /// <summary>A flipped bit of a large frame takes seconds to find.</summary>
    private static int RepairStep(string shape, long at, long length, Random random) => shape != "parts"
        ? (All ? 1 : random.Next(1, 8 * Share))
        : at > 4300 && at < length - 3000 ? (All ? 7001 : 40_000) : All ? 1 : random.Next(1, 8 * Share);

    private static void Expect(VerifyChain chain, string file, string where)
    {
        var result = DamageOracle.Check(chain, where);
        Assert.True(result.Findings.Count > 0, $"{where} went unseen");
        Assert.True(
            result.Findings.Any(f => f.File == file || f.Message.Contains(file, StringComparison.Ordinal)),
            $"{where} isn't named: {string.Join(" | ", result.Findings.Select(f => f.Message))}");
    }

    private static List<string> Files(VerifyChain chain) =>
        [.. chain.Folder.List().Select(e => e.Name).Where(n => n.EndsWith(".tdi", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    private static VerifyChain Make(string shape) => shape switch
    {
        "plain" => Small(new VerifyChain()),
        "encrypted" => Small(new VerifyChain(codec: Codec.Lz4, hash: HashAlgorithm.Blake3, encrypted: true)),
        _ => VerifyChain.OfThree(new Random(3), 90_000, codec: Codec.None, part: 65536),
    };

    /// <summary>Content that compresses well, so that most of a file is structure.</summary>
    private static VerifyChain Small(VerifyChain chain)
    {
        var content = new byte[50_000];
        for (var i = 0; i < 30_000; i++)
        {
            content[i] = (byte)((i >> 12) + (i % 19));
        }

        chain.Add(content);
        content.AsSpan(8000, 9000).Fill(0x55);
        content.AsSpan(40_000, 100).Fill(0x66);
        chain.Add(content);
        content.AsSpan(12_000, 2000).Fill(0x77);
        content.AsSpan(0, 5000).Clear();
        chain.Add(content);
        return chain;
    }

    private static void Tell(string figure) => TestContext.Current.TestOutputHelper?.WriteLine(figure);
}
