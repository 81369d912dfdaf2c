using System.Globalization;
using Tidemark.Harness.Mounting;
using Tidemark.Harness.Support;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Readme;

/// <summary>What is imaged on the README's machine, with its chains.</summary>
internal static class ReadmeSources
{
    public const int MiB = 1 << 20;

    /// <summary>Bytes of the volume /dev/sdb1.</summary>
    public const int VolumeBytes = 8 * MiB;

    /// <summary>Where the disk /dev/sdb has its second partition, an ext4 volume, and its size.</summary>
    public const int RootOffset = 4 * MiB;
    public const int RootBytes = 6 * MiB;

    /// <summary>Bytes of the disk /dev/sdb; its partitions end well before.</summary>
    public const int DiskBytes = 16 * MiB;

    private const int ChangeBytes = 100_000;

    // Most of the volume, with all that changes; what is free lies behind it.
    private const int NoiseBytes = 6 * MiB;

    /// <summary>A volume as a device, ext4 with a file of noise that fills most of it: free blocks would be left out.</summary>
    public static void AddVolume(this ReadmeSandbox sandbox, string device, int seed = 1)
    {
        Tool.Require("mkfs.ext4", "cmp");
        var file = sandbox.At("/disks/" + device[1..].Replace('/', '-'));
        File.WriteAllBytes(file, new byte[VolumeBytes]);
        var tree = Directory.CreateDirectory(file + "-tree").FullName;
        File.WriteAllBytes(Path.Combine(tree, "noise"), new byte[NoiseBytes]);
        Overwrite(Path.Combine(tree, "noise"), 0, NoiseBytes, seed);
        Tool.Run("mkfs.ext4", "-q", "-F", "-O", "^has_journal", "-d", tree, file);
        sandbox.AddDevice(device, file);
    }

    /// <summary>The volume /dev/sdb1 with a chain of so many points; what each was is kept for <see cref="PointOf"/>.</summary>
    public static void AddVolumeChain(this ReadmeSandbox sandbox, int points = 3, string more = "")
    {
        const string Device = "/dev/sdb1";
        sandbox.AddVolume(Device);
        for (var point = 1; point <= points; point++)
        {
            if (point > 1)
            {
                sandbox.Change(Device, point);
            }

            sandbox.BackUp(Device, ReadmeSandbox.VolumeChain, point, more);
        }
    }

    /// <summary>Changes /dev/sdb1: a range that no other point's change touches.</summary>
    public static void Change(this ReadmeSandbox sandbox, string device, int point) =>
        Overwrite(sandbox.ContentOf(device), ChangeOf(point), ChangeBytes, 10 + point);

    /// <summary>Where a point's change of a volume begins; 100000 bytes are other than in the point before.</summary>
    public static int ChangeOf(int point) => (VolumeBytes / 2) + (point * 300_000);

    /// <summary>The disk /dev/sdb: a GPT with a partition of noise and an ext4 one, imaged at so many points.</summary>
    public static void AddDiskChain(this ReadmeSandbox sandbox, int points)
    {
        Tool.Require("sgdisk", "mkfs.ext4", "cmp");
        var tree = sandbox.At("/disks/tree");
        Directory.CreateDirectory(Path.Combine(tree, "etc"));
        Directory.CreateDirectory(Path.Combine(tree, "home", "ann"));
        File.WriteAllText(Path.Combine(tree, "etc", "fstab"), "/dev/sda2 / ext4\n");
        File.WriteAllText(Path.Combine(tree, "home", "ann", "letter.txt"), "Dear reader");
        var root = sandbox.At("/disks/root");
        File.WriteAllBytes(root, new byte[RootBytes]);
        Tool.Run("mkfs.ext4", "-q", "-F", "-d", tree, root);
        var disk = sandbox.At("/disks/sdb");
        File.WriteAllBytes(disk, new byte[DiskBytes]);
        Tool.Run("sgdisk", "--new=1:2048:+2M", "--new=2:8192:+6M", "--typecode=2:8300", disk);
        ImagedDisk.Place(root, disk, RootOffset);
        sandbox.AddDevice("/dev/sdb", disk);
        for (var point = 1; point <= points; point++)
        {
            Overwrite(sandbox.ContentOf("/dev/sdb"), MiB + (point * ChangeBytes), ChangeBytes, point);
            sandbox.BackUp("/dev/sdb", ReadmeSandbox.DiskChain, point);
        }
    }

    /// <summary>A copy of a source as it was when a point of its chain was made.</summary>
    public static string PointOf(this ReadmeSandbox sandbox, string chain, int point) =>
        sandbox.At("/disks/" + Path.GetFileName(chain) + point.ToString(CultureInfo.InvariantCulture));

    /// <summary>Fails unless a point of the volume's chain is restored as it was.</summary>
    public static void Proves(this ReadmeSandbox sandbox, string image, string content, string more = "")
    {
        sandbox.Run($"tidemark restore {image} proof --force {more}");
        ReadmeSandbox.SameBytes(sandbox.At("proof"), content);
    }

    /// <summary>The folders of chains.</summary>
    public static string[] Chains(this ReadmeSandbox sandbox, string store = "/backup") => Directory.GetDirectories(sandbox.At(store));

    private static void BackUp(this ReadmeSandbox sandbox, string device, string chain, int point, string more = "")
    {
        sandbox.Run($"tidemark backup {device} --to /backup {more}");
        if (point == 1)
        {
            // A chain is known by what it holds, so it goes by the README's name from here on.
            Directory.Move(sandbox.Chains().Single(found => found != sandbox.At(ReadmeSandbox.VolumeChain)), sandbox.At(chain));
        }

        File.Copy(sandbox.ContentOf(device), sandbox.PointOf(chain, point));
    }
}
