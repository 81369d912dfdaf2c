using System.Globalization;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations.Restores;

/// <summary>How what was restored to a larger device comes to use all of it, in commands to type.</summary>
internal static class GrowthAdvice
{
    /// <summary>Less than this isn't worth a word: partitions are aligned to it.</summary>
    private const long Worthwhile = 1 << 20;

    /// <param name="source">What is restored.</param>
    /// <param name="isDisk">Whether its table, if there is one, describes all of the target.</param>
    /// <param name="length">Bytes of the target.</param>
    /// <param name="target">The target's path.</param>
    /// <returns>Null where there is nothing to grow.</returns>
    public static string? Of(VolumeView source, bool isDisk, long length, string target)
    {
        if (length - source.Length < Worthwhile)
        {
            return null;
        }

        var table = VolumeProbe.TryReadTable(source);
        if (table is null)
        {
            return VolumeProbe.TryReadContent(source) is { } content
                ? $"{target} is larger than the volume. {FileSystem(content.Type, target)}"
                : null;
        }

        return isDisk && table.Partitions.MaxBy(partition => partition.Offset) is { } last ? Last(source, table, last, target) : null;
    }

    /// <summary>The path of a disk's partition, as Linux names them: a digit behind a digit would be another disk.</summary>
    public static string PathOf(string disk, int partition) =>
        string.Create(CultureInfo.InvariantCulture, $"{disk}{(char.IsAsciiDigit(disk[^1]) ? "p" : "")}{partition}");

    /// <summary>The partition with free room behind it.</summary>
    private static string Last(VolumeView source, PartitionTable table, Partition last, string target)
    {
        var free = $"{target} is larger than the disk was, and what is more lies behind partition {last.Number}.";
        if (OperatingSystem.IsWindows())
        {
            return $"{free} Disk Management (diskmgmt.msc) extends its volume";
        }

        if (table.Scheme == PartitionScheme.Mbr && last.Number > 4)
        {
            return $"{free} That is a logical one: GParted grows it with the extended partition around it";
        }

        var type = source.Slice(last.Offset, last.Length) is { } view ? VolumeProbe.TryReadContent(view)?.Type : null;
        if (type == "swap")
        {
            return $"{free} That holds swap: GParted moves it to the end and grows the partition in front of it";
        }

        var grown = type is null ? "Then grow what it holds with its own tool" : FileSystem(type, PathOf(target, last.Number));
        return string.Create(CultureInfo.InvariantCulture, $"{free} To grow it: echo ', +' | sfdisk --no-reread -N {last.Number} {target}. {grown}");
    }

    private static string FileSystem(string type, string path) => type switch
    {
        _ when OperatingSystem.IsWindows() => "Disk Management (diskmgmt.msc) extends it",
        "ext2" or "ext3" or "ext4" => $"To grow the file system: e2fsck -f -p {path} && resize2fs {path}",
        "xfs" => $"To grow the file system: mount {path} /mnt && xfs_growfs /mnt",
        "btrfs" => $"To grow the file system: mount {path} /mnt && btrfs filesystem resize max /mnt",
        "ntfs" => $"To grow the file system: ntfsresize {path}, or Disk Management on Windows",
        "lvm" => $"To grow the physical volume: pvresize {path}",
        "luks" => $"To grow what is in it: cryptsetup resize NAME, when it is open under that name",
        _ => $"No usual tool grows {type}: copy its files to a new one",
    };
}
