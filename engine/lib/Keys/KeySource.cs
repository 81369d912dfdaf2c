using System.Diagnostics;

namespace Tidemark.Engine.Keys;

/// <summary>
/// What the user opens a chain with: the bytes of a passphrase or of a key file, as they are (no change of encoding or
/// normal form). Held in memory that is zeroed on disposal.
/// </summary>
internal sealed class KeySource : IDisposable
{
    /// <summary>64 KiB: more than anybody types, little enough to read from anything that is named by mistake.</summary>
    public const int MaxPassphraseBytes = 64 * 1024;

    /// <summary>A key file isn't stretched, so it must bring the strength of the data key by itself: 256 bits.</summary>
    public const int MinKeyFileBytes = 32;

    /// <summary>1 MiB: any file that was made to be a key is smaller.</summary>
    public const int MaxKeyFileBytes = 1024 * 1024;

    /// <summary>In place of a file's path, as everywhere.</summary>
    public const string StandardInput = "-";

    private readonly SecretBytes secret;

    private KeySource(KeySlotKind kind, SecretBytes secret, string name, string? flaw)
    {
        Kind = kind;
        Name = name;
        Flaw = flaw;
        this.secret = secret;
    }

    /// <summary>Which slots it can open.</summary>
    public KeySlotKind Kind { get; }

    /// <summary>What messages call it.</summary>
    public string Name { get; }

    public ReadOnlySpan<byte> Secret => secret.Span;

    /// <summary>What makes its bytes others than whoever wrote the file believes; null where nothing does.</summary>
    public string? Flaw { get; }

    /// <summary>Refuses a new secret that isn't what it looks like. What a chain was made with opens it all the same.</summary>
    /// <exception cref="TidemarkException">It has a flaw: <see cref="TidemarkError.Key"/>.</exception>
    public void RequireSound()
    {
        if (Flaw is { } flaw)
        {
            throw TidemarkException.KeyProblem(
                $"{Name} can't be a new {(Kind == KeySlotKind.Passphrase ? "passphrase" : "key")}: {flaw}. "
                + (Kind == KeySlotKind.Passphrase ? "Save it as plain text (UTF-8 without a byte order mark)." : "Make one from random bytes, such as 64 of /dev/urandom."));
        }
    }

    /// <exception cref="TidemarkException">Empty or too long: <see cref="TidemarkError.Key"/>.</exception>
    public static KeySource FromPassphrase(ReadOnlySpan<byte> passphrase, string name = "the passphrase") =>
        FromPassphrase(passphrase, name, SecretFlaw.OfText(passphrase));

    private static KeySource FromPassphrase(ReadOnlySpan<byte> passphrase, string name, string? flaw)
    {
        if (passphrase.IsEmpty || passphrase.Length > MaxPassphraseBytes)
        {
            throw TidemarkException.KeyProblem(passphrase.IsEmpty
                ? $"The passphrase is empty ({name}). Put one into the first line of the file."
                : $"The passphrase is longer than {MaxPassphraseBytes} bytes ({name}). Is this the right file?");
        }

        return new KeySource(KeySlotKind.Passphrase, new SecretBytes(passphrase), name, flaw);
    }

    /// <exception cref="TidemarkException">Too short or too long: <see cref="TidemarkError.Key"/>.</exception>
    public static KeySource FromKey(ReadOnlySpan<byte> key, string name = "the key file") => FromKey(key, name, null);

    private static KeySource FromKey(ReadOnlySpan<byte> key, string name, string? flaw)
    {
        if (key.Length is < MinKeyFileBytes or > MaxKeyFileBytes)
        {
            throw TidemarkException.KeyProblem(
                $"A key file has {MinKeyFileBytes} to {MaxKeyFileBytes} bytes, and {name} has {(key.Length > MaxKeyFileBytes ? "more" : key.Length)}. "
                + "Make one from random bytes, such as 64 of /dev/urandom.");
        }

        return new KeySource(KeySlotKind.KeyFile, new SecretBytes(key), name, flaw);
    }

    /// <summary>
    /// The first line of a file or pipe, or of standard input ("-") the next one, without its line end (LF, or CR LF); what follows isn't used.
    /// </summary>
    /// <exception cref="TidemarkException">Unreadable, empty or too long: <see cref="TidemarkError.Key"/>.</exception>
    public static KeySource FromPassphraseFile(string path)
    {
        // Two more than the longest passphrase: its line end, so that a longer one is seen to be longer.
        using var buffer = new SecretBytes(MaxPassphraseBytes + 2);
        var line = ReadUpTo(path, buffer.Span, untilNewline: true);

        // All that was read: a line of two-byte letters ends in the midst of one.
        var flaw = SecretFlaw.OfText(line);
        var newline = line.IndexOf((byte)'\n');
        if (newline >= 0)
        {
            line = line[..newline];
        }

        if (!line.IsEmpty && line[^1] == (byte)'\r')
        {
            line = line[..^1];
        }

        return FromPassphrase(line, Called(path), flaw);
    }

    /// <summary>All bytes of a file or pipe, or of standard input ("-").</summary>
    /// <exception cref="TidemarkException">Unreadable, too short or too long: <see cref="TidemarkError.Key"/>.</exception>
    public static KeySource FromKeyFile(string path)
    {
        using var buffer = new SecretBytes(MaxKeyFileBytes + 1);
        var key = ReadUpTo(path, buffer.Span, untilNewline: false);
        return FromKey(key, Called(path), SecretFlaw.OfKey(key));
    }

    public void Dispose() => secret.Dispose();

    private static string Called(string path) => path == StandardInput ? "standard input" : path;

    /// <summary>Reads to the end or until the buffer is full. A pipe has no length, so none is asked for.</summary>
    private static ReadOnlySpan<byte> ReadUpTo(string path, Span<byte> buffer, bool untilNewline)
    {
        try
        {
            // No buffer of the stream's own: it would keep a copy of the secret.
            using var stream = path == StandardInput
                ? Console.OpenStandardInput()
                : new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);

            // What follows a line of standard input is the next secret's, so it is left there.
            var most = path == StandardInput && untilNewline ? 1 : buffer.Length;
            var filled = 0;
            while (filled < buffer.Length)
            {
                var count = stream.Read(buffer.Slice(filled, Math.Min(most, buffer.Length - filled)));
                Debug.Assert(count >= 0);
                filled += count;
                if (count == 0 || (untilNewline && buffer[(filled - count)..filled].Contains((byte)'\n')))
                {
                    break;
                }
            }

            return buffer[..filled];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new TidemarkException(
                TidemarkError.Key, $"The key can't be read from {Called(path)}: {error.Message} Check the path and its permissions.", error);
        }
    }
}
