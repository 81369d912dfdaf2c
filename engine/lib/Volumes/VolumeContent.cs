using Tidemark.Engine.Format;

namespace Tidemark.Engine.Volumes;

/// <summary>What a volume holds, by its own superblock.</summary>
/// <param name="Type">A file system ("ext4", "xfs", "btrfs", "ntfs", "fat32", "exfat") or "swap", "luks", "lvm".</param>
/// <param name="Id">UUID or serial as common tools print it; null where the volume has none (<see cref="KnownId.IsId(string)"/>).</param>
/// <param name="Label">The volume's name, free of control characters; null where it has none.</param>
/// <param name="IdentityText">The text of <see cref="IdentityKind.FileSystem"/>; null without an id.</param>
internal sealed record VolumeContent(string Type, string? Id, string? Label, string? IdentityText)
{
    /// <summary>What of it lies on other devices, as "it is one of the 2 devices of a btrfs"; null where it is all here.</summary>
    public string? Elsewhere { get; init; }

    /// <summary>Content whose identity is its family's name and its id.</summary>
    public static VolumeContent Of(string type, string family, string? id, string? label) =>
        id is not null && KnownId.IsId(id) ? new(type, id, label, $"{family}:{id}") : new(type, null, label, null);
}
