using System.CommandLine;
using Tidemark.Cli.Arguments;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>A word with a dash before it is an option or refused; never a source, a path, or what another option takes.</summary>
[DiffersBySystem]
[Case("1.7")]
public sealed class OptionTests : IDisposable
{
    private static readonly RootCommand Root = Tidemark.Cli.CommandLine.Create();

    private readonly TempFolder folder = new("options");

    public static TheoryData<string> Verbs => [.. Root.Subcommands.Select(c => c.Name)];

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("--passphrasefile", "p1")]
    [InlineData("--passphrasefile=p1")]
    [InlineData("--passphrase_file", "p1")]
    [InlineData("--pass", "p1")]
    [InlineData("-passphrase-file", "p1")]
    [InlineData("\u2013passphrase-file", "p1")]
    [InlineData("\u2014passphrase-file=p1")]
    [InlineData("--passphrase-file", "--json")]
    [InlineData("--passphrase-file")]
    [InlineData("--passphrase-file=")]
    [InlineData("--passphrase-file", "")]
    [InlineData("--dry-rum")]
    [InlineData("--quietly")]
    [InlineData("--compres", "none")]
    [InlineData("--chain", "--passphrase-file", "p1")]
    [InlineData("--to", "-x")]
    public void A_mistyped_option_images_nothing(params string[] words)
    {
        var disk = Cli.Noise(folder, "disk", 100_000);
        File.WriteAllText(folder.At("p1"), "secret\n");
        string[] all = [.. words.Select(w => w == "p1" ? folder.At(w) : w)];
        var result = TidemarkCli.Run(["backup", disk, "--json", .. words is ["--to", ..] ? [] : new[] { "--to", folder.At("store") }, .. all]);
        Assert.Contains("--", result.Refused(Cli.WrongUse, "wrongUse"), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.At("store")));

        Assert.Equal(["disk", "p1"], Directory.GetFileSystemEntries(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Verbs))]
    public void Every_verb_refuses_each_of_its_options_mistyped_cut_short_and_without_a_value(string name)
    {
        var verb = Root.Subcommands.Single(c => c.Name == name);
        foreach (var option in verb.Options.Where(o => !o.Hidden))
        {
            var right = option.Name;
            foreach (var wrong in new[] { right[..^1], right.Remove(right.Length / 2, 1), right.Insert(right.Length - 1, "x"), right[1..], right + "s", right.ToUpperInvariant() })
            {
                // One letter is like every option or none.
                if (wrong.Trim('-').Length < 2 || verb.Options.Any(o => o.Name == wrong))
                {
                    continue;
                }

                foreach (var word in new[] { wrong, wrong + "=v", wrong + ":v" })
                {
                    var problem = ArgumentCheck.Problem(Root, [name, "a", "b", word, "c"], out var found);
                    Assert.Same(verb, found);
                    Assert.Contains("did you mean '--", problem, StringComparison.Ordinal);
                    Assert.Contains($"./{word}", problem, StringComparison.Ordinal);
                }
            }

            if (option.ValueType != typeof(bool))
            {
                string?[] followers = [null, "--", "--json", "-x", right];
                foreach (var follower in followers)
                {
                    Assert.Contains($"{right} needs a value", ArgumentCheck.Problem(Root, [name, "a", right, .. follower is null ? [] : new[] { follower }], out _), StringComparison.Ordinal);
                }
            }
        }
    }

    [Theory]
    [InlineData("--passphrasefile", "--passphrase-file")]
    [InlineData("--passphrase", "--passphrase-file")]
    [InlineData("--password-file", "--passphrase-file")]
    [InlineData("--compres", "--compress")]
    [InlineData("--compression", "--compress")]
    [InlineData("--blocksize", "--block-size")]
    [InlineData("--keyfile", "--key-file")]
    [InlineData("--jsno", "--json")]
    [InlineData("-to", "--to")]
    [InlineData("--TO", "--to")]
    [InlineData("--hlep", "--help")]
    public void The_nearest_option_is_named(string wrong, string right)
    {
        var problem = ArgumentCheck.Problem(Root, ["backup", "disk", wrong, "x"], out _);
        Assert.StartsWith($"'backup' has no option '{wrong}'; did you mean '{right}'?", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--to", "s")]
    [InlineData("--x", "s", "--json")]
    [InlineData("--recursive", "ls")]
    public void An_option_of_a_verb_does_not_stand_before_it(params string[] words) =>
        Assert.Contains("before the verb", ArgumentCheck.Problem(Root, [.. words, "backup", "a"], out _), StringComparison.Ordinal);

    [Theory]
    [InlineData("backup", "a", "-", "--to", "-")]
    [InlineData("backup", "a", "--to=--odd", "--chain", "c", "--json")]
    [InlineData("--json", "backup", "a", "--to", "s", "--", "--passphrasefile", "-x")]
    [InlineData("restore", "a@1", "./--resum", "--force")]
    [InlineData("serve", "a", "--export-name", "")]
    [InlineData("serve", "a", "--export-name=")]
    [InlineData("backup", "--help")]
    [InlineData("--version")]
    [InlineData("")]
    public void What_is_meant_is_let_through(params string[] words) =>
        Assert.Equal(words is [""] ? "no verb ''" : null, ArgumentCheck.Problem(Root, words, out _));

    [Fact]
    public void A_file_of_an_options_name_is_imaged_behind_two_dashes()
    {
        Tool.Require("env");
        Cli.Noise(folder, "--passphrasefile", 100_000);
        var (program, leading) = TidemarkCli.Command;
        Tool.Run("env", ["-C", folder, program, .. leading, "backup", "--to", folder.At("store"), "--", "--passphrasefile"]);
        Assert.Single(Directory.GetDirectories(folder.At("store")));
    }

    [Fact]
    public void Of_several_sources_all_are_there_before_the_first_is_imaged()
    {
        var disk = Cli.Noise(folder, "disk", 100_000);
        foreach (var wrong in new[] { folder.At("zstd"), folder.Folder("folder"), "nbd://[" })
        {
            var message = TidemarkCli.Run("backup", disk, wrong, "--to", folder.At("store"), "--json").Refused(Cli.WrongUse, "wrongUse");
            Assert.Contains("Nothing was imaged", message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(folder.At("store")));
        }
    }

    [Fact]
    public void A_keys_own_file_is_no_source()
    {
        var disk = Cli.Noise(folder, "disk", 100_000);
        File.WriteAllText(folder.At("p1"), "secret\n");
        var other = Path.Combine(folder.Path, ".", "p1");
        if (!OperatingSystem.IsWindows())
        {
            other = File.CreateSymbolicLink(folder.At("link"), folder.At("p1")).FullName;
        }

        foreach (string[] sources in new[] { new[] { folder.At("p1") }, [disk, other] })
        {
            var message = TidemarkCli.Run(["backup", .. sources, "--to", folder.At("store"), "--passphrase-file", folder.At("p1"), "--json"])
                .Refused(Cli.WrongUse, "wrongUse");
            Assert.Contains("is the file of the key", message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(folder.At("store")));
        }
    }

    [Fact]
    public void Wrong_use_of_a_source_after_an_image_is_a_failure()
    {
        // Two copies of a volume carry one id, which is only seen when the second has its turn.
        Tool.Require("mkfs.ext4");
        var one = folder.Sparse("one", 4 << 20);
        Tool.Run("mkfs.ext4", "-q", "-F", one);
        File.Copy(one, folder.At("two"));
        var result = TidemarkCli.Run("backup", one, folder.At("two"), "--to", folder.At("store"), "--json").EndedWith(Cli.Failed).Result;
        Assert.Equal(1, result.GetProperty("images").GetArrayLength());
        Assert.Equal(Cli.Failed, result.Number("exitCode"));
    }
}
