namespace Tidemark.Harness.Support;

/// <summary>Makes file systems in files and on devices, with the tools' own defaults.</summary>
internal static class FileSystemMaker
{
    /// <summary>
    /// Makes an empty file system over all of a file or device. The smallest sizes: ext4 1 MiB, ntfs 2, exfat 2,
    /// fat32 34 (clusters of one sector), btrfs 109, xfs 300.
    /// </summary>
    public static void Make(string target, string fileSystem)
    {
        string[] command = fileSystem switch
        {
            "ext4" => ["mkfs.ext4", "-q", "-F"],
            "xfs" => ["mkfs.xfs", "-q", "-f"],
            "btrfs" => ["mkfs.btrfs", "-q", "-f"],
            "ntfs" => ["mkntfs", "--quick", "--quiet", "--force"],
            "exfat" => ["mkfs.exfat"],
            "fat32" => ["mkfs.fat", "-F", "32", "-s", "1"],
            _ => throw new ArgumentOutOfRangeException(nameof(fileSystem), fileSystem, "No maker is known."),
        };
        Tool.Require(command[0]);
        Tool.Run(command[0], [.. command[1..], target]);
    }
}
