using Tidemark.Engine.Keys;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations.Points;

/// <summary>Where the key of an encrypted chain comes from; at most one of the two is given.</summary>
/// <param name="PassphraseFile">A file whose first line is the passphrase; "-" for the next line of standard input.</param>
/// <param name="KeyFile">A file of 32 bytes to 1 MiB, all of which count; "-" for standard input.</param>
public sealed record KeyOptions(string? PassphraseFile = null, string? KeyFile = null)
{
    /// <summary>The file of the passphrase; null where there is none.</summary>
    public string? PassphraseFile { get; init => field = UserPath.SettleAny(value); } = UserPath.SettleAny(PassphraseFile);

    /// <summary>The key file; null where there is none.</summary>
    public string? KeyFile { get; init => field = UserPath.SettleAny(value); } = UserPath.SettleAny(KeyFile);

    /// <summary>No key: for chains that aren't encrypted.</summary>
    public static KeyOptions None { get; } = new();

    /// <summary>Whether it comes by standard input.</summary>
    public bool IsStandardInput => PassphraseFile == KeySource.StandardInput || KeyFile == KeySource.StandardInput;

    /// <summary>Refuses a key's own file among the files to image: in a store it would open what it locks.</summary>
    /// <exception cref="TidemarkException">One of them is the key's file, whatever path leads to it.</exception>
    internal void RequireApart(IEnumerable<SourceLocation> sources)
    {
        if ((PassphraseFile ?? KeyFile) is not { } file || PathStatus.TryOf(file) is not { Kind: PathKind.File } key)
        {
            return;
        }

        if (sources.FirstOrDefault(s => s.Status is { Kind: PathKind.File } source && source.Storage == key.Storage) is { } same)
        {
            throw TidemarkException.WrongUse($"{same} is the file of the key, and would be imaged into the store beside what it opens. Leave it out of the sources.");
        }
    }

    /// <summary>Reads the key; null where none is given. The caller disposes it.</summary>
    internal KeySource? Open() => (PassphraseFile, KeyFile) switch
    {
        (null, null) => null,
        ({ } file, null) => KeySource.FromPassphraseFile(file),
        (null, { } file) => KeySource.FromKeyFile(file),
        _ => throw TidemarkException.WrongUse("Give a passphrase file or a key file, not both."),
    };
}
