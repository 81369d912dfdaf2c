using System.Text;
using Tidemark.Engine;
using Tidemark.Engine.Keys;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Keys;

[DiffersBySystem]
public sealed class KeySourceTests : IDisposable
{
    private readonly string path = Path.Combine(Path.GetTempPath(), $"tidemark-key-{Guid.NewGuid():N}");

    public void Dispose() => File.Delete(path);

    [Theory]
    [InlineData("ebb", "ebb")]
    [InlineData("ebb\n", "ebb")]
    [InlineData("ebb\r\n", "ebb")]
    [InlineData("ebb\r", "ebb")]
    [InlineData("ebb\nflood\n", "ebb")]
    [InlineData("ebb\r\r\n", "ebb\r")]
    [InlineData(" ebb \t\n", " ebb \t")]
    [InlineData("Übermut\n", "Übermut")]
    [InlineData("U\u0308bermut\n", "U\u0308bermut")]
    [InlineData("\uFEFFebb\n", "\uFEFFebb")]
    public void A_passphrase_is_the_first_line_byte_for_byte(string content, string passphrase)
    {
        File.WriteAllBytes(path, Encoding.UTF8.GetBytes(content));
        using var source = KeySource.FromPassphraseFile(path);
        Assert.Equal(KeySlotKind.Passphrase, source.Kind);
        Assert.Equal(Encoding.UTF8.GetBytes(passphrase), source.Secret.ToArray());
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\nebb\n")]
    public void An_empty_passphrase_is_refused(string content)
    {
        File.WriteAllText(path, content);
        TestKeys.Fails(TidemarkError.Key, () => KeySource.FromPassphraseFile(path));
    }

    [Fact]
    public void A_passphrase_has_64_KiB_at_most()
    {
        var longest = new string('x', KeySource.MaxPassphraseBytes);
        File.WriteAllText(path, longest + "\r\n" + longest);
        KeySource.FromPassphraseFile(path).Dispose();
        File.WriteAllText(path, longest + "x\n");
        TestKeys.Fails(TidemarkError.Key, () => KeySource.FromPassphraseFile(path));
        File.WriteAllText(path, longest + longest);
        TestKeys.Fails(TidemarkError.Key, () => KeySource.FromPassphraseFile(path));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(31, false)]
    [InlineData(32, true)]
    [InlineData(KeySource.MaxKeyFileBytes, true)]
    [InlineData(KeySource.MaxKeyFileBytes + 1, false)]
    [InlineData(3 * KeySource.MaxKeyFileBytes, false)]
    public void A_key_file_has_32_bytes_to_1_MiB(int length, bool taken)
    {
        var content = new byte[length];
        TestKeys.Random().Fill(content);
        File.WriteAllBytes(path, content);
        if (!taken)
        {
            TestKeys.Fails(TidemarkError.Key, () => KeySource.FromKeyFile(path));
            return;
        }

        using var source = KeySource.FromKeyFile(path);
        Assert.Equal(KeySlotKind.KeyFile, source.Kind);
        Assert.True(source.Secret.SequenceEqual(content));
    }

    [Fact]
    public void A_file_that_isnt_there_or_is_a_folder_is_a_key_error_that_names_it()
    {
        var missing = TestKeys.Fails(TidemarkError.Key, () => KeySource.FromPassphraseFile(path));
        Assert.Contains(path, missing.Message, StringComparison.Ordinal);
        TestKeys.Fails(TidemarkError.Key, () => KeySource.FromKeyFile(Path.GetTempPath()));
        TestKeys.Fails(TidemarkError.Key, () => KeySource.FromKeyFile(string.Empty));
    }

    [Fact]
    public void An_endless_file_is_read_no_further_than_the_bound()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "there is no /dev/zero here");
        TestKeys.Fails(TidemarkError.Key, () => KeySource.FromKeyFile("/dev/zero"));
        TestKeys.Fails(TidemarkError.Key, () => KeySource.FromPassphraseFile("/dev/zero"));
    }

    [Fact]
    public void A_secret_is_zeroed_when_it_is_disposed()
    {
        var secret = new SecretBytes([1, 2, 3, 4]);
        var view = secret.Span;
        secret.Dispose();
        Assert.Equal(-1, view.IndexOfAnyExcept((byte)0));
        Assert.Throws<ObjectDisposedException>(() => secret.Length);
        secret.Dispose();
    }
}
