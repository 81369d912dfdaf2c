namespace Tidemark.Engine.Volumes;

/// <summary>The partition table of a disk.</summary>
internal enum PartitionScheme
{
    /// <summary>A master boot record with its extended partitions.</summary>
    Mbr,

    /// <summary>A GUID partition table (UEFI specification, chapter 5).</summary>
    Gpt,
}

/// <summary>One partition. Offsets and lengths are bytes; a length may reach past the end of a disk that shrank.</summary>
/// <param name="Number">As Linux counts: GPT entries from 1; MBR primaries 1 to 4, logical ones from 5.</param>
/// <param name="Type">The type GUID, or the type byte as 0x83.</param>
/// <param name="UniqueId">The entry's own GUID (GPT); null for MBR and for a GUID that is none.</param>
/// <param name="Name">The entry's name (GPT), or null.</param>
internal sealed record Partition(int Number, long Offset, long Length, string Type, Guid? UniqueId, string? Name);

/// <summary>A disk's partition table as it was found.</summary>
/// <param name="DiskId">The disk GUID or the eight hexadecimal digits of the signature; null where it is none.</param>
/// <param name="SectorSize">The sector in which the table counts, in bytes.</param>
/// <param name="FromBackup">Whether the primary GPT was unusable and its copy at the disk's end was read.</param>
internal sealed record PartitionTable(
    PartitionScheme Scheme, string? DiskId, int SectorSize, IReadOnlyList<Partition> Partitions, bool FromBackup = false)
{
    /// <summary>Entries that are used and mean no place on the disk. The others hold all the same.</summary>
    public IReadOnlyList<OddEntry> Odd { get; init; } = [];
}
