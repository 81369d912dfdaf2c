using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Engine.Operations.Imports;

/// <summary>What an import is to do.</summary>
public sealed record ImportRequest
{
    /// <summary>Raw files, VHDs, VHDXs and qcow2 files in any order; each becomes one point in time.</summary>
    public required IReadOnlyList<SourceLocation> Files { get; init; }

    /// <summary>Where the chains are, or one chain.</summary>
    public required StoreLocation Store { get; init; }

    /// <summary>The chain's name; needed for files that aren't linked with each other.</summary>
    public string? Chain { get; init; }

    /// <summary>Bytes, a power of two from 4 KiB to 1 MiB; null for the chain's, or the default.</summary>
    public int? BlockSize { get; init; }

    /// <summary>Null for the chain's, or the default.</summary>
    public HashAlgorithm? Hash { get; init; }

    public Codec Codec { get; init; } = Codec.Zstd;

    /// <summary>Compression level of the codec; null for its default.</summary>
    public int? Level { get; init; }

    /// <summary>Bytes of an image's files at most, a multiple of 4 KiB; 0 for one file.</summary>
    public long SplitSize { get; init; }

    public KeyOptions Key { get; init; } = KeyOptions.None;

    /// <summary>Bytes read a second at most, more than 0; null for full speed.</summary>
    public long? MaxRate { get; init; }

    /// <summary>Bytes of a file that may be unreadable, 0 or more; null for <see cref="Backup.DefaultMaxUnreadable"/>.</summary>
    public long? MaxUnreadable { get; init; }

    /// <summary>Continues a chain that was made of another source.</summary>
    public bool Adopt { get; init; }
}

/// <summary>A file that was imported.</summary>
/// <param name="File">As it was given.</param>
/// <param name="Created">The time of the image: the file's.</param>
public sealed record ImportedFile(string File, DateTimeOffset Created, BackupResult Image);

/// <summary>What an import did.</summary>
public sealed record ImportResult
{
    /// <summary>The chain's folder.</summary>
    public required string Chain { get; init; }

    /// <summary>The images, in the order they were made: parents before their children.</summary>
    public required IReadOnlyList<ImportedFile> Images { get; init; }

    public required double Seconds { get; init; }

    public required double CpuSeconds { get; init; }

    /// <summary>What is worth knowing about what was and wasn't imported, for people.</summary>
    public required IReadOnlyList<string> Notes { get; init; }
}
