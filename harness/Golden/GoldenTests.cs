using Tidemark.Engine;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Progress;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Golden;

/// <summary>That images of format version 1 stay readable, and that a change of the format is noticed.</summary>
public class GoldenTests
{
    /// <summary>Makes the golden chains anew instead of testing them. Only before the format is released.</summary>
    private const string RegenerateVariable = "TIDEMARK_REGENERATE_GOLDEN";

    private static readonly bool Regenerates = Environment.GetEnvironmentVariable(RegenerateVariable) == "1";

    public static TheoryData<string> Chains => [.. GoldenChains.Makers.Keys];

    [Fact]
    public void Golden_chains_are_made_anew_only_on_request()
    {
        Assert.SkipUnless(Regenerates, $"Not asked for ({RegenerateVariable}=1), and never to be once the format is released.");
        GoldenFiles.Regenerate(RestoreAll);
    }

    [Theory]
    [MemberData(nameof(Chains))]
    public void Every_point_restores_to_its_hash(string chain)
    {
        SkipIfRegenerating();
        var points = GoldenFiles.Points.Where(p => p.Key.StartsWith(chain + "@", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(points);
        using var folder = new TempFolder();
        foreach (var (point, (sha256, length)) in points)
        {
            var result = Restore(folder, Path.Combine(GoldenFiles.Folder, point), folder.At(point));
            Assert.Empty(result.Damaged);
            Assert.Equal(length, new FileInfo(folder.At(point)).Length);
            Assert.Equal(sha256, FileTree.Hash(folder.At(point)));
        }
    }

    [Theory]
    [MemberData(nameof(Chains))]
    public void Every_chain_verifies_clean(string chain)
    {
        SkipIfRegenerating();
        using var folder = new TempFolder();
        foreach (var depth in Enum.GetValues<VerifyDepth>())
        {
            var result = Verify.Run(
                new VerifyRequest { Subject = ImageAddress.Parse(GoldenFiles.PathOf(chain)), Depth = depth, Key = KeyOf(folder, chain) }, NoObserver.Instance);
            Assert.Empty(result.Findings);
            Assert.Empty(Assert.Single(result.Chains).Broken);
        }
    }

    [Theory]
    [MemberData(nameof(Chains))]
    public void Every_point_is_listed_in_POINTS(string chain)
    {
        SkipIfRegenerating();
        var images = Directory.EnumerateFiles(GoldenFiles.PathOf(chain), "??????.tdi").Count();
        Assert.Equal(images, GoldenFiles.Points.Keys.Count(p => p.StartsWith(chain + "@", StringComparison.Ordinal)));
    }

    /// <summary>A difference is a change of the format or of a compressor; both are to be meant.</summary>
    [Theory]
    [MemberData(nameof(Chains))]
    public void Made_again_the_chain_has_the_same_bytes(string chain)
    {
        SkipIfRegenerating();
        var made = GoldenFiles.Make(chain);
        var stored = Directory.EnumerateFiles(GoldenFiles.PathOf(chain)).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(stored, made.Keys);
        foreach (var (name, bytes) in made)
        {
            var golden = File.ReadAllBytes(Path.Combine(GoldenFiles.PathOf(chain), name));
            var same = golden.AsSpan().CommonPrefixLength(bytes);
            Assert.True(same == golden.Length && same == bytes.Length, $"{chain}/{name} differs at byte {same}");
        }
    }

    [Fact]
    public void The_passphrase_from_before_the_change_opens_nothing()
    {
        SkipIfRegenerating();
        using var folder = new TempFolder();
        File.WriteAllText(folder.At("old"), GoldenChains.FirstPassphrase);
        var error = Assert.Throws<TidemarkException>(() => Tidemark.Engine.Operations.Restores.Restore.Run(
            new RestoreRequest
            {
                Image = ImageAddress.Parse(GoldenFiles.PathOf(GoldenChains.Encrypted)),
                Target = TargetLocation.Parse(folder.At("target")),
                Key = new KeyOptions(PassphraseFile: folder.At("old")),
            },
            NoObserver.Instance));
        Assert.Equal(TidemarkError.Key, error.Error);
    }

    [Fact]
    public void All_files_together_are_small()
    {
        SkipIfRegenerating();
        // A clone carries them for ever.
        var bytes = Directory.EnumerateFiles(GoldenFiles.Folder, "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length);
        Assert.InRange(bytes, 1, 600 << 10);
    }

    private static void SkipIfRegenerating() => Assert.SkipWhen(Regenerates, "The chains are being made anew.");

    private static IEnumerable<(long Sequence, byte[] Content)> RestoreAll(string chain)
    {
        using var folder = new TempFolder();
        for (var i = 1L; File.Exists(Path.Combine(GoldenFiles.PathOf(chain), Tidemark.Engine.Format.ImageNames.Part(i, 0))); i++)
        {
            var target = folder.At($"{chain}-{i}");
            Assert.Empty(Restore(folder, $"{GoldenFiles.PathOf(chain)}@{i}", target).Damaged);
            yield return (i, File.ReadAllBytes(target));
        }
    }

    private static RestoreResult Restore(TempFolder folder, string image, string target)
    {
        return Tidemark.Engine.Operations.Restores.Restore.Run(
            new RestoreRequest
            {
                Image = ImageAddress.Parse(image),
                Target = TargetLocation.Parse(target),
                Key = KeyOf(folder, image),
            },
            NoObserver.Instance);
    }

    private static KeyOptions KeyOf(TempFolder folder, string image)
    {
        var passphrase = folder.At("passphrase");
        File.WriteAllText(passphrase, GoldenChains.SecondPassphrase);
        return image.Contains(GoldenChains.Encrypted, StringComparison.Ordinal)
            ? new KeyOptions(PassphraseFile: passphrase)
            : KeyOptions.None;
    }
}
