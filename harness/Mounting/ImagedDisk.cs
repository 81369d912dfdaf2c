using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Mounting;

/// <summary>Disks and volumes of the kinds that people image, and what their mounts must show.</summary>
internal static class ImagedDisk
{
    private const long MiB = 1 << 20;

    /// <summary>
    /// A disk with a FAT partition, an ext4 one, a swap area and an unused one, imaged. The ext4 volume holds a small
    /// tree with a link, a file of two names, one with a hole, a set-user-id program, a pipe and an attribute.
    /// </summary>
    /// <returns>The image's address.</returns>
    public static string Make(TempFolder folder)
    {
        var tree = folder.Folder("content");
        Directory.CreateDirectory(Path.Combine(tree, "etc/deep/er"));
        File.WriteAllText(Path.Combine(tree, "etc/fstab"), "/dev/sda2 / ext4\n");
        File.WriteAllText(Path.Combine(tree, "etc/deep/er/Grüße.txt"), "hello");
        File.CreateSymbolicLink(Path.Combine(tree, "conf"), "/etc");
        File.CreateSymbolicLink(Path.Combine(tree, "out"), "../../../../../../etc/hostname");
        Tool.Run("ln", Path.Combine(tree, "etc/fstab"), Path.Combine(tree, "etc/fstab.too"));
        Tool.Run("mkfifo", Path.Combine(tree, "pipe"));
        File.WriteAllText(Path.Combine(tree, "program"), "#!/bin/sh\n");
        Tool.Run("chmod", "4755", Path.Combine(tree, "program"));
        File.WriteAllBytes(Path.Combine(tree, "holes"), new byte[3_000_000]);
        using (var file = new FileStream(Path.Combine(tree, "holes"), FileMode.Open))
        {
            file.Position = 2_000_000;
            file.Write("middle"u8);
        }

        foreach (var path in new[] { "etc/fstab", "etc/deep/er/Grüße.txt", "etc/deep/er", "etc/deep", "etc" })
        {
            Tool.Run("touch", "--no-dereference", "--date=2021-03-04 05:06:07 UTC", Path.Combine(tree, path));
        }

        var root = folder.Sparse("root.img", 16 * MiB);
        Tool.Run("mkfs.ext4", "-q", "-F", "-L", "root", "-d", tree, root);
        var fat = folder.Sparse("fat.img", 36 * MiB);
        FileSystemMaker.Make(fat, "fat32");
        File.WriteAllText(folder.At("readme.txt"), "from the FAT partition");
        Tool.Run("mcopy", "-m", "-i", fat, folder.At("readme.txt"), "::/Read me.txt");
        var disk = folder.Sparse("disk.img", 64 * MiB);
        Tool.Run(
            "sgdisk", "--new=1:2048:+36M", "--typecode=1:0700", "--new=2:75776:+16M", "--new=3:108544:+2M", "--typecode=3:8200", "--new=5:112640:+1M", disk);
        Place(fat, disk, 1 * MiB);
        Place(root, disk, 37 * MiB);
        var swap = folder.Sparse("swap.img", 2 * MiB);
        Tool.Run("mkswap", swap);
        Place(swap, disk, 53 * MiB);

        return Backup(disk, folder.At("store")).At(1);
    }

    /// <summary>Copies a file into a disk.</summary>
    public static void Place(string file, string disk, long offset)
    {
        using var target = new FileStream(disk, FileMode.Open, FileAccess.Write);
        target.Position = offset;
        using var content = File.OpenRead(file);
        content.CopyTo(target);
    }
}
