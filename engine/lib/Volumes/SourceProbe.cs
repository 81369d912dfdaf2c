using System.Diagnostics;
using System.Text;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Volumes;

/// <summary>Finds out what a source is and what it is known by. Reads a few hundred KiB at most, and writes nothing.</summary>
internal static partial class SourceProbe
{
    /// <summary>
    /// Probes a device.
    /// </summary>
    /// <param name="device">What is imaged: for a VHD or VHDX, the disk inside.</param>
    /// <param name="path">
    /// Where the source is on this machine, for what only the operating system knows: the partition's entry on its
    /// disk, the device's serial number, a file's inode or number. Null for what has no path.
    /// </param>
    /// <param name="virtualDisk">The unique id of a VHD or VHDX; one that is none doesn't count.</param>
    /// <param name="open">Opens the disk on which a partition lies, for its table. Null: the partition goes without.</param>
    public static SourceDescription Probe(
        BlockDevice device, string? path = null, IdentityItem? virtualDisk = null, Func<string, BlockDevice>? open = null)
    {
        Debug.Assert(virtualDisk is null or { Kind: IdentityKind.VhdUniqueId or IdentityKind.VhdxDiskId });
        var view = new VolumeView(device);
        var table = VolumeProbe.TryReadTable(view);
        var content = table is null ? VolumeProbe.TryReadContent(view) : null;

        var items = new List<IdentityItem>();
        if (virtualDisk is { } item && KnownId.IsId(item.Value))
        {
            items.Add(item);
        }

        if (table is { DiskId: { } diskId })
        {
            items.Add(new IdentityItem(
                table.Scheme == PartitionScheme.Gpt ? IdentityKind.GptDisk : IdentityKind.MbrDisk, diskId));
        }

        if (content is { IdentityText: { } text })
        {
            items.Add(new IdentityItem(IdentityKind.FileSystem, text));
        }

        if (path is not null)
        {
            AddFromSystem(path, open, items);
        }

        return new SourceDescription(SourceIdentity.Of(items), table, content) { Serial = path is null ? null : SerialOf(path) };
    }

    /// <summary>What names one partition of a disk, by the disk's table; null where the table has no ids.</summary>
    public static IdentityItem? OfPartition(PartitionTable table, Partition partition) => table.Scheme switch
    {
        PartitionScheme.Gpt when partition.UniqueId is { } id =>
            new IdentityItem(IdentityKind.GptPartition, id.ToString("D")),
        PartitionScheme.Mbr when table.DiskId is { } disk =>
            new IdentityItem(IdentityKind.MbrPartition, $"{disk}@{partition.Offset}"),
        _ => null,
    };

    private static string? SerialOf(string path)
    {
        var serial = OperatingSystem.IsLinux() ? SerialFromLinux(path) : OperatingSystem.IsWindows() ? SerialFromWindows(path) : null;
        return serial is not null && KnownId.IsId(serial) ? Shorten(serial) : null;
    }

    private static void AddFromSystem(string path, Func<string, BlockDevice>? open, List<IdentityItem> items)
    {
        if (OperatingSystem.IsLinux())
        {
            AddFromLinux(path, open, items);
        }
        else if (OperatingSystem.IsWindows())
        {
            AddFromWindows(path, open, items);
        }
    }

    /// <summary>What names the partition that begins at an offset of a disk, by the table on that disk.</summary>
    private static IdentityItem? PartitionItem(string diskPath, long offset, Func<string, BlockDevice>? open)
    {
        if (open is null)
        {
            return null;
        }

        try
        {
            using var device = open(diskPath);
            return VolumeProbe.TryReadTable(new VolumeView(device)) is { } table
                && table.Partitions.FirstOrDefault(partition => partition.Offset == offset) is { } entry
                ? OfPartition(table, entry)
                : null;
        }
        catch (Exception e) when (e is TidemarkException or IOException or UnauthorizedAccessException)
        {
            // Whoever may read the partition may not always read its disk; what the volume holds still names it.
            return null;
        }
    }

    /// <summary>Cuts a text to what an item takes, at a character's border.</summary>
    private static string Shorten(string text)
    {
        while (Encoding.UTF8.GetByteCount(text) > IdentityItem.MaxValueBytes)
        {
            text = text[..^1];
        }

        return text;
    }
}
