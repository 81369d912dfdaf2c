using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Snapshots;

namespace Tidemark.Engine.Operations.Backups;

/// <summary>Which kind of image a backup makes.</summary>
public enum BackupKind
{
    /// <summary>Full for a new chain, incremental afterwards.</summary>
    Auto,

    /// <summary>All of the source.</summary>
    Full,

    /// <summary>What changed since the newest image.</summary>
    Incremental,

    /// <summary>What changed since the newest full image.</summary>
    Differential,
}

/// <summary>What a backup is to do.</summary>
public sealed record BackupRequest
{
    /// <summary>A file, a device, or what else a location can be.</summary>
    public required SourceLocation Source { get; init; }

    /// <summary>The folder of chains; made if it isn't there. A chain's own folder is taken as that chain.</summary>
    public required StoreLocation Store { get; init; }

    /// <summary>The chain's name in the store; null for the source's own chain, wherever it is.</summary>
    public string? Chain { get; init; }

    public BackupKind Kind { get; init; }

    /// <summary>Bytes, a power of two from 4 KiB to 1 MiB; null for the chain's, or the default.</summary>
    public int? BlockSize { get; init; }

    /// <summary>Null for the chain's, or the default.</summary>
    public HashAlgorithm? Hash { get; init; }

    public Codec Codec { get; init; } = Codec.Zstd;

    /// <summary>1 to 19 for zstd, 1 to 12 for LZ4; null for the codec's default.</summary>
    public int? Level { get; init; }

    /// <summary>Bytes of each of the image's files at most, a multiple of 4096 from 64 KiB; 0 for one file.</summary>
    public long SplitSize { get; init; }

    /// <summary>Encrypts a new chain; opens an encrypted one.</summary>
    public KeyOptions Key { get; init; } = KeyOptions.None;

    /// <summary>Transfers in flight, 1 to 256; null for the default.</summary>
    public int? QueueDepth { get; init; }

    /// <summary>Bytes of one transfer, a multiple of 4096 from 64 KiB to 16 MiB; null for the default.</summary>
    public int? RequestSize { get; init; }

    /// <summary>What is to hold the source still meanwhile.</summary>
    public SnapshotMode Snapshot { get; init; }

    /// <summary>What applications are told of the backup, where VSS holds the source.</summary>
    public VssBackupType VssType { get; init; }

    /// <summary>Bytes of the source read a second at most, more than 0; null for full speed.</summary>
    public long? MaxRate { get; init; }

    /// <summary>
    /// Bytes of the source that may be unreadable, 0 or more; with more nothing is committed. Null for
    /// <see cref="Backup.DefaultMaxUnreadable"/>.
    /// </summary>
    public long? MaxUnreadable { get; init; }

    /// <summary>Images all blocks, also those that nobody can reach: for forensics.</summary>
    public bool AllBlocks { get; init; }

    /// <summary>Keeps the content of page files and swap space, which is left out otherwise.</summary>
    public bool IncludeSwap { get; init; }

    /// <summary>
    /// Patterns of files whose content is left out, on NTFS, FAT and exFAT: <c>*</c> and <c>?</c> within a name, <c>**</c> through
    /// folders; one without a slash is meant in every folder.
    /// </summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Continues a chain that was made of another source.</summary>
    public bool Adopt { get; init; }

    /// <summary>Reads, compares and compresses, and writes nothing: the result says what would be stored.</summary>
    public bool DryRun { get; init; }

    /// <summary>Images that a point in time may be made of; tests have a lower limit.</summary>
    internal int MaxLineage { get; init; } = Tidemark.Engine.Format.ImageFormat.MaxLineage;
}
