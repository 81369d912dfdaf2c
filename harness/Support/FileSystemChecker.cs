namespace Tidemark.Harness.Support;

/// <summary>The file systems' own checkers, in the mode that changes nothing. Needs root, for a loop device.</summary>
internal static class FileSystemChecker
{
    public static void Require(string fileSystem)
    {
        Root.Require();
        Tool.Require(CommandOf(fileSystem)[0]);
    }

    /// <summary>Fails with the checker's words unless the file system in a range of a raw file is clean.</summary>
    public static void Check(string file, long offset, long size, string fileSystem)
    {
        using var loop = LoopDevice.Attach(file, offset: offset, size: size, readOnly: true);
        CheckDevice(loop.Path, fileSystem);
    }

    /// <summary>Fails with the checker's words unless the file system of a device is clean.</summary>
    public static void CheckDevice(string device, string fileSystem)
    {
        var command = CommandOf(fileSystem);
        Tool.Run(command[0], [.. command[1..], device]);
    }

    private static string[] CommandOf(string fileSystem) => fileSystem switch
    {
        "ext4" => ["e2fsck", "-fn"],
        "xfs" => ["xfs_repair", "-n"],
        "btrfs" => ["btrfs", "check", "--readonly"],
        "ntfs" => ["ntfsfix", "--no-action"],
        "exfat" => ["fsck.exfat", "-n"],
        "fat32" => ["fsck.fat", "-n"],
        _ => throw new ArgumentOutOfRangeException(nameof(fileSystem), fileSystem, "No checker is known."),
    };
}
