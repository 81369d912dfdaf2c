using System.Text;
using Tidemark.Engine;
using Tidemark.Engine.Keys;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Keys;

/// <summary>Secrets whose bytes aren't what their owner believes: refused where they are new, and named where they don't open.</summary>
[Case("1.6")]
public sealed class SecretFlawTests : IDisposable
{
    private readonly TempFolder folder = new("flaws");

    public static TheoryData<string, byte[]> Flawed => new()
    {
        { "UTF-8 with a mark", [0xEF, 0xBB, 0xBF, .. "correct horse\n"u8] },
        { "only a mark", [0xEF, 0xBB, 0xBF] },
        { "only a mark and a line end", [0xEF, 0xBB, 0xBF, (byte)'\n'] },
        { "UTF-16 with a mark", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("correct horse\r\n")] },
        { "UTF-16, the other way round", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes("correct horse\r\n")] },
        { "UTF-16 without a mark", Encoding.Unicode.GetBytes("correct horse\r\n") },
        { "UTF-16, big end first, without a mark", Encoding.BigEndianUnicode.GetBytes("correct horse\r\n") },
        { "UTF-16 whose first letter has the byte of a line end", Encoding.Unicode.GetBytes("a\u4E0Abc\r\n") },
        { "UTF-32", [0xFF, 0xFE, 0, 0, .. Encoding.UTF32.GetBytes("correct horse\n")] },
        { "a hundred zeros", new byte[100] },
        { "a zero at the end", [.. "correct horse"u8, 0] },
    };

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Flawed))]
    public void A_new_passphrase_that_is_not_what_it_seems_is_refused(string what, byte[] content)
    {
        File.WriteAllBytes(folder.At("file"), content);
        using var source = KeySource.FromPassphraseFile(folder.At("file"));
        var refused = Assert.Throws<TidemarkException>(source.RequireSound);
        Assert.True(refused.Error == TidemarkError.Key && refused.Message.StartsWith($"{folder.At("file")} can't be a new passphrase: it ", StringComparison.Ordinal), what);
    }

    [Fact]
    public void Ordinary_secrets_are_sound()
    {
        foreach (var text in new[] { "correct horse\n", "größer\r\n", " \u4E0A\u6D77 ", "a\nsecond line\n", "\u00FE\u00FF" })
        {
            File.WriteAllText(folder.At("file"), text);
            using var source = KeySource.FromPassphraseFile(folder.At("file"));
            source.RequireSound();
        }

        // Random bytes have zeros, and may begin as they like.
        var key = new byte[4096];
        Seed.Random("sound keys").NextBytes(key);
        (key[0], key[1], key[7]) = (0xFF, 0xFE, 0);
        File.WriteAllBytes(folder.At("key"), key);
        using var random = KeySource.FromKeyFile(folder.At("key"));
        random.RequireSound();
    }

    [Fact]
    public void A_key_file_that_anybody_can_guess_is_refused()
    {
        foreach (var key in new byte[][] { new byte[64], [.. Enumerable.Repeat((byte)0xFF, 32)], [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(new string('k', 40))], [0xEF, 0xBB, 0xBF, .. new byte[40]] })
        {
            File.WriteAllBytes(folder.At("key"), key);
            using var source = KeySource.FromKeyFile(folder.At("key"));
            Assert.Equal(TidemarkError.Key, Assert.Throws<TidemarkException>(source.RequireSound).Error);
        }
    }

    [Fact]
    public void Making_and_changing_refuse_and_opening_takes_bytes_as_they_are()
    {
        var disk = Noise(folder, "disk", 100_000);
        File.WriteAllBytes(folder.At("marked"), [0xEF, 0xBB, 0xBF, .. "correct horse\n"u8]);
        File.WriteAllText(folder.At("plain"), "correct horse\n");
        string[] marked = ["--passphrase-file", folder.At("marked")];
        string[] plain = ["--passphrase-file", folder.At("plain")];
        foreach (var verb in new[] { "backup", "import" })
        {
            Assert.Contains("byte order mark", TidemarkCli.Run([verb, disk, "--to", folder.At("store"), "--json", .. marked]).Refused(Key, "key"), StringComparison.Ordinal);
            Assert.Empty(Directory.Exists(folder.At("store")) ? Directory.GetFiles(folder.At("store"), "*.td?", SearchOption.AllDirectories) : []);
        }

        var chain = Backup(disk, folder.At("store"), plain).Text("chain");
        Assert.Contains(
            "can't be a new passphrase",
            TidemarkCli.Run(["key", chain, "--new-passphrase-file", folder.At("marked"), "--json", .. plain]).Refused(Key, "key"), StringComparison.Ordinal);

        // The wrong one, with a hint at why it may be wrong.
        Assert.Contains("byte order mark", TidemarkCli.Run(["restore", chain, folder.At("out"), "--json", .. marked]).Refused(Key, "key"), StringComparison.Ordinal);
        Assert.Equal(2, Backup(disk, folder.At("store"), plain).Number("sequence"));
    }

    [Fact]
    public void What_a_chain_was_made_with_opens_it()
    {
        File.WriteAllBytes(folder.At("marked"), [0xEF, 0xBB, 0xBF, .. "correct horse\n"u8]);
        using var made = KeySource.FromPassphrase([0xEF, 0xBB, 0xBF, .. "correct horse"u8]);
        using var given = KeySource.FromPassphraseFile(folder.At("marked"));
        Assert.Equal(made.Secret, given.Secret);
    }

    [Fact]
    [Case("5.8")]
    public void A_passphrase_comes_by_standard_input_line_by_line()
    {
        var disk = Noise(folder, "disk", 100_000);
        var backup = TidemarkCli.Run(
            ["backup", disk, "--to", folder.At("store"), "--passphrase-file", "-", "--json"], null, "correct horse\nand more\n").Succeeded();
        var chain = backup.Result.Text("chain");
        TidemarkCli.Run(["restore", chain, folder.At("out"), "--passphrase-file=-"], null, "correct horse").Succeeded();
        Assert.Equal(FileTree.Hash(disk), FileTree.Hash(folder.At("out")));

        // Two of them, one after the other.
        TidemarkCli.Run(["key", chain, "--passphrase-file", "-", "--new-passphrase-file", "-"], null, "correct horse\r\nbattery staple\r\n").Succeeded();
        TidemarkCli.Run(["verify", chain, "--deep", "--passphrase-file", "-"], null, "battery staple\n").Succeeded();
        var empty = TidemarkCli.Run(["verify", chain, "--deep", "--passphrase-file", "-", "--json"], null, "").Refused(Key, "key");
        Assert.Contains("standard input", empty, StringComparison.Ordinal);
    }
}
