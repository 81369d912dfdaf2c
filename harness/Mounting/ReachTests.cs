using System.Globalization;
using System.Security.Cryptography;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Mounting;

/// <summary>
/// File systems that reach beyond their image: no verb that mounts writes anything outside its overlay, whether the other
/// part is missing, there, or in use.
/// </summary>
[Case("1.1")]
public sealed class ReachTests : IDisposable
{
    private const long MiB = 1 << 20;

    private readonly TempFolder folder = new("reach");
    private readonly List<LoopDevice> devices = [];

    public static TheoryData<string> States => ["absent", "there", "mounted"];

    public void Dispose()
    {
        if (Directory.Exists(folder.At("m")))
        {
            TidemarkCli.Run("unmount", folder.At("m"), "--force");
        }

        devices.ForEach(device => device.Dispose());
        folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(States))]
    public void One_of_two_devices_of_a_btrfs_is_refused(string state)
    {
        Require("mkfs.btrfs");
        Mount.Require("btrfs");
        var (one, two) = (folder.Sparse("one", 128 * MiB), folder.Sparse("two", 128 * MiB));
        var (first, second) = (Attach(one), Attach(two));
        Tool.Run("mkfs.btrfs", "-q", "-f", "-d", "raid1", "-m", "raid1", first, second);
        Tool.Run("btrfs", "device", "scan", first, second);
        string image;
        var live = Mount.Of(first, folder.Folder("live"), "btrfs");
        try
        {
            WriteDurably(Path.Combine(live.Folder, "file"), "in the log");
            Flush();
            // As the disk is at this moment: what was made durable is in the log and nowhere else.
            File.Copy(one, folder.At("copy"));
            image = Backup(folder.At("copy"), folder.At("store")).At(1);
            if (state != "mounted")
            {
                live.Dispose();
            }

            if (state == "absent")
            {
                Detach();
            }

            AssertRefused(image, "one of the 2 devices", one, two);
        }
        finally
        {
            if (state == "mounted")
            {
                live.Dispose();
            }
        }
    }

    [Fact]
    public void A_btrfs_that_grew_from_a_seed_is_refused_and_the_seed_itself_is_read()
    {
        Require("mkfs.btrfs", "btrfstune", "btrfs");
        Mount.Require("btrfs");
        var (seed, grown) = (folder.Sparse("seed", 128 * MiB), folder.Sparse("grown", 128 * MiB));
        var tree = folder.Folder("tree");
        File.WriteAllText(Path.Combine(tree, "old"), "from the seed");
        Tool.Run("mkfs.btrfs", "-q", "-f", "--rootdir", tree, seed);
        Tool.Run("btrfstune", "-f", "-S", "1", seed);
        var (first, second) = (Attach(seed), Attach(grown));
        using (var live = Mount.Of(first, folder.Folder("live"), "btrfs"))
        {
            Tool.Run("btrfs", "device", "add", "-f", second, live.Folder);
        }

        Flush();
        var before = Sums(seed, grown);
        var image = Backup(seed, folder.At("store")).At(1);
        Assert.Contains("/old\n", TidemarkCli.Run("ls", image).Succeeded().Output, StringComparison.Ordinal);
        AssertRefused(Backup(grown, folder.At("store"), "--chain", "grown").At(1), "one of the 2 devices", seed, grown);
        Assert.Equal(before, Sums(seed, grown));
    }

    [Theory]
    [InlineData("crc32c")]
    [InlineData("xxhash")]
    [InlineData("sha256")]
    [InlineData("blake2")]
    public void A_copy_of_a_btrfs_is_mounted_beside_its_original_and_apart_from_it(string checksum)
    {
        Require("mkfs.btrfs");
        Mount.Require("btrfs");
        var disk = folder.Sparse("disk", 128 * MiB);
        Tool.Run("mkfs.btrfs", "-q", "-f", "--csum", checksum, disk);
        var device = Attach(disk);
        using var live = Mount.Of(device, folder.Folder("live"), "btrfs");
        WriteDurably(Path.Combine(live.Folder, "file"), "then");
        Flush();
        File.Copy(disk, folder.At("copy"));
        var image = Backup(folder.At("copy"), folder.At("store")).At(1);
        File.WriteAllText(Path.Combine(live.Folder, "file"), "now");
        TidemarkCli.Run("mount", image, folder.At("m")).Succeeded();
        Assert.Equal("then", File.ReadAllText(folder.At("m", "file")));
        Assert.Equal("now", File.ReadAllText(Path.Combine(live.Folder, "file")));
        TidemarkCli.Run("unmount", folder.At("m")).Succeeded();
        // The original can still be written, and be mounted anew.
        WriteDurably(Path.Combine(live.Folder, "more"), "later");
        Tool.Run("umount", live.Folder);
        Tool.Run("mount", "-t", "btrfs", device, live.Folder);
        Assert.Equal("later", File.ReadAllText(Path.Combine(live.Folder, "more")));
    }

    [Theory]
    [MemberData(nameof(States))]
    public void An_ext4_with_its_journal_elsewhere_is_read_without_it(string state)
    {
        Require("mkfs.ext4");
        var (journal, disk) = (folder.Sparse("journal", 16 * MiB), folder.Sparse("disk", 32 * MiB));
        var (first, second) = (Attach(journal), Attach(disk));
        Tool.Run("mkfs.ext4", "-q", "-F", "-b", "4096", "-O", "journal_dev", first);
        var tree = folder.Folder("tree");
        File.WriteAllText(Path.Combine(tree, "old"), "was there");
        Tool.Run("mkfs.ext4", "-q", "-F", "-b", "4096", "-J", $"device={first.Path}", "-d", tree, second);
        var live = Mount.Of(second, folder.Folder("live"), "ext4");
        try
        {
            WriteDurably(Path.Combine(live.Folder, "new"), "in the journal");
            Flush();
            File.Copy(disk, folder.At("copy"));
            File.Copy(journal, folder.At("journal.copy"));
            var image = Backup(folder.At("copy"), folder.At("store")).At(1);
            if (state != "mounted")
            {
                // The journal needs to be replayed still, as after a power failure.
                live.Dispose();
                Detach();
                Overwrite("journal.copy", journal);
                if (state == "there")
                {
                    Attach(journal, first.Path);
                }
            }

            else
            {
                // Or it would go on writing by itself.
                Tool.Run("fsfreeze", "--freeze", live.Folder);
            }

            var before = Sums(journal, disk);
            foreach (var arguments in Verbs(image, "old"))
            {
                var result = TidemarkCli.Run([.. arguments, "--json"]).Succeeded();
                Assert.Contains(result.Events, e => e.Text("event") == "warning" && e.Text("message").Contains("its journal is on another device", StringComparison.Ordinal));
                Flush();
                Assert.Equal(before, Sums(journal, disk));
            }

            Assert.Equal("was there", File.ReadAllText(folder.At("m", "old")));
            Assert.Equal("was there", File.ReadAllText(folder.At("to", "old")));
            TidemarkCli.Run("unmount", folder.At("m")).Succeeded();
            AssertRefused(Backup(folder.At("journal.copy"), folder.At("store"), "--chain", "j").At(1), "the journal of a file system on another device", journal, disk);
        }
        finally
        {
            if (state == "mounted")
            {
                Tool.Try("fsfreeze", "--unfreeze", live.Folder);
            }

            live.Dispose();
        }
    }

    [Theory]
    [InlineData("log")]
    [InlineData("realtime")]
    public void An_XFS_of_several_devices_is_refused(string part)
    {
        Require("mkfs.xfs");
        var (other, disk) = (folder.Sparse("other", 80 * MiB), folder.Sparse("disk", 320 * MiB));
        var first = Attach(other);
        Tool.Run("mkfs.xfs", ["-q", "-f", .. part == "log" ? new[] { "-l", $"logdev={first.Path},size=64m" } : ["-r", $"rtdev={first.Path}"], disk]);
        AssertRefused(Backup(disk, folder.At("store")).At(1), part == "log" ? "its log is on another device" : "its realtime section is on another device", other, disk);
    }

    [Fact]
    public void Parts_of_LVM_arrays_and_caches_are_refused_before_a_device_stands_over_them()
    {
        Require("mkfs.ext4", "sgdisk");
        const long Each = 4 * MiB;
        (long Offset, byte[] Mark, string Reason)[] kinds =
        [
            (512, Lvm(), "belongs to LVM"),
            (4096, Bcache(version: 1), "(bcache)"),
            (4096, Bcache(version: 3), "the cache of other devices"),
            (4096, Md(level: 5, sector: 8), "one of the 3 disks of an array"),
            (Each - 8192, Md(level: 0, sector: (Each - 8192) / 512), "one of the 3 disks of an array"),
            (Each - 65536, Md090(level: 5), "one of the 3 disks of an array"),
        ];
        // A file system that would be there to be mounted, under the mark of what it belongs to.
        var inner = folder.Sparse("inner", Each);
        Tool.Run("mkfs.ext4", "-q", "-F", inner, "3M");
        var disk = folder.Sparse("disk", (kinds.Length + 2) * Each);
        for (var i = 0; i < kinds.Length; i++)
        {
            var number = (i + 1).ToString(CultureInfo.InvariantCulture);
            Tool.Run("sgdisk", $"--new={number}:{(i + 1) * Each / 512}:+4M", disk);
            ImagedDisk.Place(inner, disk, (i + 1) * Each);
            using var file = new FileStream(disk, FileMode.Open, FileAccess.Write);
            file.Position = ((i + 1) * Each) + kinds[i].Offset;
            file.Write(kinds[i].Mark);
        }

        var image = Backup(disk, folder.At("store")).At(1);
        var mounted = TidemarkCli.Run("mount", image, folder.At("m"), "--json").Succeeded().Result;
        Assert.DoesNotContain(
            mounted.Text("file"), Tool.Run("losetup", "--list", "--noheadings", "--output", "BACK-FILE").Output, StringComparison.Ordinal);
        Assert.All(
            mounted.GetProperty("volumes").EnumerateArray().Zip(kinds),
            pair => Assert.Contains(pair.Second.Reason, pair.First.Text("problem"), StringComparison.Ordinal));
        TidemarkCli.Run("unmount", folder.At("m")).Succeeded();
        Assert.Contains("the 3 disks", TidemarkCli.Run("ls", image, "p4").EndedWith(WrongUse).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0.90", 0)]
    [InlineData("1.0", 0)]
    [InlineData("1.1", 2048)]
    [InlineData("1.2", 2048)]
    public void A_mirrors_half_is_read_without_the_mark_of_its_array(string version, int dataSectors)
    {
        Require("mkfs.ext4");
        var tree = folder.Folder("tree");
        File.WriteAllText(Path.Combine(tree, "file"), "on both halves");
        var disk = folder.Sparse("disk", 16 * MiB);
        var content = folder.Sparse("content", 12 * MiB);
        Tool.Run("mkfs.ext4", "-q", "-F", "-d", tree, content);
        ImagedDisk.Place(content, disk, dataSectors * 512L);
        var (at, mark) = version switch
        {
            "0.90" => ((16 * MiB) - 65536, Md090(level: 1)),
            "1.0" => ((16 * MiB) - 8192, Md(level: 1, sector: ((16 * MiB) - 8192) / 512)),
            "1.1" => (0, Md(level: 1, sector: 0, dataSectors)),
            _ => (4096, Md(level: 1, sector: 8, dataSectors)),
        };
        using (var file = new FileStream(disk, FileMode.Open, FileAccess.Write))
        {
            file.Position = at;
            file.Write(mark);
        }

        TidemarkCli.Run("mount", Backup(disk, folder.At("store")).At(1), folder.At("m")).Succeeded();
        Assert.Equal("on both halves", File.ReadAllText(folder.At("m", "file")));
        var device = Tool.Run("findmnt", "--noheadings", "--output", "SOURCE", folder.At("m")).Output.Trim();
        // No system that looks at the loop device takes it for a part of an array.
        Assert.Equal("ext4", Tool.Run("blkid", "--probe", "--match-tag", "TYPE", "--output", "value", device).Output.Trim());
    }

    private static void Require(params string[] tools)
    {
        Root.Require();
        Tool.Require([.. tools, "nbdfuse", "fusermount3", "losetup"]);
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
    }

    private static void WriteDurably(string path, string text)
    {
        using var file = new FileStream(path, FileMode.Create);
        file.Write(System.Text.Encoding.UTF8.GetBytes(text));
        file.Flush(flushToDisk: true);
    }

    private static byte[] Lvm()
    {
        var label = new byte[512];
        "LABELONE"u8.CopyTo(label);
        label[20] = 32;
        "LVM2 001"u8.CopyTo(label.AsSpan(24));
        "abcdefghijklmnopqrstuvwxyzABCDEF"u8.CopyTo(label.AsSpan(32));
        return label;
    }

    private static byte[] Bcache(byte version)
    {
        var superblock = new byte[64];
        superblock[8] = 8;
        superblock[16] = version;
        Convert.FromHexString("C68573F64E1A45CA8265F57F48BA6D81").CopyTo(superblock, 24);
        return superblock;
    }

    private static byte[] Md(int level, long sector, int dataSectors = 0)
    {
        var superblock = new byte[4096];
        Set(superblock, 0, 0xA92B4EFC);
        Set(superblock, 4, 1);
        Set(superblock, 72, (uint)level);
        Set(superblock, 92, 3);
        Set(superblock, 128, (uint)dataSectors);
        Set(superblock, 136, (uint)((12 * MiB) / 512));
        Set(superblock, 144, (uint)sector);
        return superblock;
    }

    private static byte[] Md090(int level)
    {
        var superblock = new byte[4096];
        Set(superblock, 0, 0xA92B4EFC);
        Set(superblock, 8, 90);
        Set(superblock, 28, (uint)level);
        Set(superblock, 40, 3);
        return superblock;
    }

    private static void Set(byte[] superblock, int offset, uint value) => BitConverter.TryWriteBytes(superblock.AsSpan(offset), value);

    private static string Sums(params string[] paths) =>
        string.Join(' ', paths.Select(path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))));

    private LoopDevice Attach(string file, string? as_ = null)
    {
        LoopDevice device;
        do
        {
            device = LoopDevice.Attach(file);
            devices.Add(device);
        }
        while (as_ is not null && device.Path != as_ && devices.Count < 10);
        return device;
    }

    private void Detach()
    {
        devices.ForEach(device => device.Dispose());
        devices.Clear();
    }

    private void Flush() => devices.ForEach(device => device.Flush());

    private void Overwrite(string from, string to)
    {
        using var target = new FileStream(to, FileMode.Open, FileAccess.Write);
        using var source = File.OpenRead(folder.At(from));
        source.CopyTo(target);
    }

    private IEnumerable<string[]> Verbs(string image, string path)
    {
        yield return ["ls", image];
        yield return ["extract", image, path, "--to", folder.At("to")];
        yield return ["mount", image, folder.At("m")];
    }

    private void AssertRefused(string image, string reason, params string[] untouched)
    {
        Flush();
        var before = Sums(untouched);
        foreach (var arguments in Verbs(image, "file"))
        {
            var result = TidemarkCli.Run(arguments);
            Assert.Contains(reason, result.Error, StringComparison.Ordinal);
            Assert.Equal(arguments[0] == "mount" ? Done : WrongUse, result.ExitCode);
            if (arguments[0] == "mount")
            {
                Assert.DoesNotContain(
                    folder.At("m"), Tool.Run("losetup", "--list", "--noheadings", "--output", "BACK-FILE").Output, StringComparison.Ordinal);
                Assert.Equal(["disk.img"], Directory.EnumerateFileSystemEntries(folder.At("m")).Select(Path.GetFileName));
                TidemarkCli.Run("unmount", folder.At("m")).Succeeded();
            }

            Flush();
            Assert.Equal(before, Sums(untouched));
        }
    }
}
