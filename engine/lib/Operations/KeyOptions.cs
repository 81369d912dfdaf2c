using Tidemark.Engine.Keys;

namespace Tidemark.Engine.Operations;

/// <summary>Where the key of an encrypted chain comes from; at most one of the two is given.</summary>
/// <param name="PassphraseFile">A file whose first line is the passphrase.</param>
/// <param name="KeyFile">A file of 32 bytes to 1 MiB, all of which count.</param>
public sealed record KeyOptions(string? PassphraseFile = null, string? KeyFile = null)
{
    /// <summary>No key: for chains that aren't encrypted.</summary>
    public static KeyOptions None { get; } = new();

    /// <summary>Reads the key; null where none is given. The caller disposes it.</summary>
    internal KeySource? Open() => (PassphraseFile, KeyFile) switch
    {
        (null, null) => null,
        ({ } file, null) => KeySource.FromPassphraseFile(file),
        (null, { } file) => KeySource.FromKeyFile(file),
        _ => throw TidemarkException.WrongUse("Give a passphrase file or a key file, not both."),
    };
}
