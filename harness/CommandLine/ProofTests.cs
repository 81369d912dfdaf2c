using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>What a verification proves, and what it says where it can't: without the key, and of one chain among others.</summary>
[DiffersBySystem]
[Case("5.2")]
public sealed class ProofTests : IDisposable
{
    private const int NotProven = 7;

    private readonly TempFolder folder = new("proof");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_deep_verification_without_the_key_proves_nothing_and_says_so()
    {
        var chain = Encrypted("one", "first");
        var result = TidemarkCli.Run("verify", chain, "--deep", "--json").EndedWith(NotProven).Result;
        Assert.Equal("missing", result.GetProperty("chains")[0].Text("key"));
        Assert.Empty(result.GetProperty("findings").EnumerateArray());
        var said = TidemarkCli.Run("verify", chain, "--deep").EndedWith(NotProven).Output;
        Assert.Contains("checksums verified, content not proven: no key was given", said, StringComparison.Ordinal);
        Assert.DoesNotContain("No damage;", said, StringComparison.Ordinal);

        // Whoever asks for stored checksums alone gets them; the text says what they are.
        Assert.Contains("not proven", TidemarkCli.Run("verify", chain).Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal("opened", Verify(chain, Cli.Done, "first").GetProperty("chains")[0].Text("key"));
    }

    [Fact]
    public void One_chains_wrong_key_ends_no_others_verification()
    {
        var first = Encrypted("one", "first");
        var second = Encrypted("two", "second");
        var plain = Cli.Backup(Cli.Noise(folder, "plain", 100_000, 9), folder.At("store")).Text("chain");
        Assert.Equal(["opened", "wrong", "notNeeded"], Keys(Verify(folder.At("store"), Cli.Key, "first"), first, second, plain));
        Assert.Equal(["wrong", "opened", "notNeeded"], Keys(Verify(folder.At("store"), Cli.Key, "second"), first, second, plain));
        Assert.Equal(["wrong", "wrong", "notNeeded"], Keys(Verify(folder.At("store"), Cli.Key, "third"), first, second, plain));
        Assert.Equal(["missing", "missing", "notNeeded"], Keys(Verify(folder.At("store"), NotProven, null), first, second, plain));

        // Damage is found in all of them and outranks the key.
        foreach (var chain in new[] { first, second, plain })
        {
            var image = Path.Combine(chain, "000001.tdi");
            Cli.Flip(image, new FileInfo(image).Length / 2);
        }

        Assert.Equal(3, Verify(folder.At("store"), Cli.Damaged, "third").GetProperty("findings").EnumerateArray()
            .Select(finding => finding.Text("chain")).Distinct().Count());
    }

    [Fact]
    public void A_key_that_opens_nothing_at_all_is_refused_before_the_work()
    {
        var chain = Encrypted("one", "first");
        Encrypted("two", "second");
        File.WriteAllText(folder.At("third"), "third\n");
        foreach (var subject in new[] { chain, folder.At("store") })
        {
            TidemarkCli.Run("verify", subject, "--deep", "--passphrase-file", folder.At("third"), "--json").Refused(Cli.Key, "key");
        }
    }

    [Fact]
    [Case("5.8")]
    public void A_disk_that_the_image_was_fitted_to_is_compared_as_fitted()
    {
        Tool.Require("sfdisk");
        Root.Require();
        var disk = folder.Sparse("disk", 32 << 20);
        Tool.Run("sh", "-c", $"printf 'label: gpt\\nstart=2048, size=8192\\nstart=16384, size=16384\\n' | sfdisk --quiet '{disk}'");
        Cli.Overwrite(disk, 1 << 20, 3 << 20, 4);
        var chain = Cli.Backup(disk, folder.At("store")).Text("chain");
        foreach (var (name, length) in new[] { ("larger", 48L << 20), ("smaller", 24L << 20) })
        {
            using var target = LoopDevice.Attach(folder.Sparse(name, length));
            TidemarkCli.Run("restore", chain, target, "--fit").Succeeded();
            var same = TidemarkCli.Run("verify", chain, "--against", target, "--json").Succeeded().Result;
            Assert.Equal(0, same.Number("differentBytes"));

            // A change of the fitted table is found, and one of a partition.
            target.Flush();
            Cli.Flip(folder.At(name), length - 512 + 0x10);
            Cli.Flip(folder.At(name), (2 << 20) + 5);
            target.Flush();
            var changed = TidemarkCli.Run("verify", chain, "--against", target, "--json").EndedWith(Cli.Failed).Result;
            Assert.Equal(2, changed.Number("differentRanges"));
        }
    }

    private string Encrypted(string name, string passphrase)
    {
        File.WriteAllText(folder.At(passphrase), passphrase + "\n");
        return Cli.Backup(
            Cli.Noise(folder, name, 200_000, name.GetHashCode(StringComparison.Ordinal)), folder.At("store"), "--chain", name,
            "--passphrase-file", folder.At(passphrase)).Text("chain");
    }

    private System.Text.Json.JsonElement Verify(string subject, int code, string? passphrase)
    {
        if (passphrase is not null)
        {
            File.WriteAllText(folder.At(passphrase), passphrase + "\n");
        }

        string[] key = passphrase is null ? [] : ["--passphrase-file", folder.At(passphrase)];
        return TidemarkCli.Run(["verify", subject, "--deep", "--json", .. key]).EndedWith(code).Result;
    }

    private static string[] Keys(System.Text.Json.JsonElement result, params string[] chains) =>
        [.. chains.Select(chain => result.GetProperty("chains").EnumerateArray().Single(found => found.Text("chain") == chain).Text("key"))];
}
