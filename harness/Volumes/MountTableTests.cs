using Tidemark.Engine.Volumes;
using Xunit;

namespace Tidemark.Harness.Volumes;

/// <summary>What is mounted on what, asked of real loop devices and mounts.</summary>
public class MountTableTests
{
    private const int MiB = 1 << 20;

    [Fact]
    public void A_line_of_mountinfo_is_read_with_its_escapes()
    {
        var table = MountTable.Parse(
            """
            36 35 98:0 /mnt1 /mnt\0402/a\134b\303\244 rw,noatime master:1 shared:7 - ext3 /dev/my\040disk rw,errors=continue
            37 35 98:1 / /ro ro,relatime - ext4 /dev/sdb1 rw
            38 35 98:2 / /really ro - iso9660 /dev/sr0 ro,norock
            39 35 0:50 / /over rw - overlay overlay rw,lowerdir=/l,upperdir=/up\040per,workdir=/w
            not a line
            40 35 98 / /x rw - ext4 /dev/sdc rw
            """,
            "Filename\tType\tSize\tUsed\tPriority\n/swap\\040file file\t1\t0\t-2\n/dev/sdz1 partition\t1\t0\t-2\n");
        Assert.Equal([36UL, 37, 38, 39], table.Entries.Select(entry => entry.Id));
        Assert.Equal("/mnt 2/a\\bä", table.Entries[0].MountPoint);
        Assert.Equal("/dev/my disk", table.Entries[0].Source);
        Assert.Equal((true, 98u, 0u), (table.Entries[0].Device.IsBlockDevice, table.Entries[0].Device.Major, table.Entries[0].Device.Minor));
        Assert.Equal([false, false, true, false], table.Entries.Select(entry => entry.IsReadOnly));
        Assert.Equal("/up per", table.Entries[3].UpperFolder);
        Assert.Equal(["/swap file", "/dev/sdz1"], table.Swaps);
    }

    [Theory]
    [InlineData("/mnt/usb/backup", "/mnt/usb")]
    [InlineData("/mnt/usb", "/mnt/usb")]
    [InlineData("/mnt/usb disk/x", "/mnt/usb disk")]
    [InlineData("/mnt/usbs", null)]
    [InlineData("/srv/store", null)]
    [InlineData("/srv/deep/inner/store", null)]
    [InlineData("/srv/deep/other", "/srv/deep")]
    [InlineData("/elsewhere", null)]
    public void A_place_of_fstab_where_nothing_is_mounted_is_told(string path, string? place)
    {
        var table = MountTable.Parse(
            """
            22 1 8:2 / / rw - ext4 /dev/sda2 rw
            23 22 8:3 / /srv rw - ext4 /dev/sda3 rw
            24 23 8:4 / /srv/deep/inner rw - ext4 /dev/sda4 rw
            """,
            "");
        const string Fstab =
            """
            # /dev/sdz1 /elsewhere ext4 defaults 0 0
            UUID=1 / ext4 defaults 0 1
            UUID=2	/mnt/usb/	ext4	noauto,nofail	0	2
            UUID=3 /mnt/usb\040disk ext4 nofail 0 2
            UUID=4 /srv ext4 defaults 0 2
            UUID=5 /srv/deep ext4 defaults 0 2
            UUID=6 none swap sw 0 0
            """;
        Assert.Equal(place, table.MissingMountOf(path, Fstab));
    }

    [Fact]
    public void A_mounted_loop_device_and_its_file_are_in_use()
    {
        Tool.NeedRoot();
        using var disk = new TempDisk(16 * MiB);
        Tool.Run("mkfs.ext4", "-q", "-F", disk.Image);
        var loop = disk.Attach(disk.Image);
        var before = MountTable.Load().UsageOf(loop);
        Assert.False(before.IsInUse);
        Assert.Equal([], before.Mounts);

        var point = disk.Mount(loop, "with blank");
        foreach (var path in new[] { loop, disk.Image })
        {
            var usage = MountTable.Load().UsageOf(path);
            Assert.Equal([point], usage.Mounts.Select(mount => mount.MountPoint));
            Assert.True(usage is { IsInUse: true, IsMountedReadWrite: true, IsSwap: false }, path);
        }

        Tool.Run("mount", "-o", "remount,ro", point);
        Assert.False(MountTable.Load().UsageOf(loop).IsMountedReadWrite);
        Assert.True(MountTable.Load().UsageOf(loop).IsMounted);
    }

    [Fact]
    public void A_second_loop_device_over_a_mounted_file_is_in_use()
    {
        Tool.NeedRoot();
        using var disk = new TempDisk(16 * MiB);
        Tool.Run("mkfs.ext4", "-q", "-F", disk.Image);
        var first = disk.Attach(disk.Image);
        var second = disk.Attach(disk.Image);
        disk.Mount(first, "mnt");
        Assert.True(MountTable.Load().UsageOf(second).IsMounted);
    }

    [Fact]
    public void A_disk_is_in_use_when_a_partition_is_mounted_and_its_neighbour_is_not()
    {
        Tool.NeedRoot();
        using var disk = new TempDisk(64 * MiB);
        Tool.Run("sgdisk", "-n", "1:1M:+16M", "-n", "2:20M:+16M", disk.Image);
        var loop = disk.AttachWithPartitions(disk.Image);
        Tool.Run("mkfs.ext4", "-q", "-F", loop + "p1");
        disk.Mount(loop + "p1", "mnt");
        var table = MountTable.Load();
        Assert.True(table.UsageOf(loop + "p1").IsMounted);
        Assert.True(table.UsageOf(loop).IsMounted);
        Assert.True(table.UsageOf(disk.Image).IsMounted);
        Assert.False(table.UsageOf(loop + "p2").IsInUse);

        Assert.Equal(StorageRelation.Same, MountTable.Relation(loop, disk.Image));
        Assert.Equal(StorageRelation.Overlapping, MountTable.Relation(loop, loop + "p1"));
        Assert.Equal(StorageRelation.Overlapping, MountTable.Relation(loop + "p1", disk.Image));
        Assert.Equal(StorageRelation.None, MountTable.Relation(loop + "p1", loop + "p2"));
    }

    [Fact]
    public void Links_lead_to_the_same_storage_and_copies_do_not()
    {
        using var disk = new TempDisk(MiB);
        var copy = Path.Combine(disk.Folder, "copy.img");
        File.Copy(disk.Image, copy);
        var link = Path.Combine(disk.Folder, "link.img");
        File.CreateSymbolicLink(link, disk.Image);
        var hard = Path.Combine(disk.Folder, "hard.img");
        Tool.Run("ln", disk.Image, hard);
        Assert.Equal(StorageRelation.Same, MountTable.Relation(disk.Image, link));
        Assert.Equal(StorageRelation.Same, MountTable.Relation(hard, disk.Image));
        Assert.Equal(StorageRelation.None, MountTable.Relation(disk.Image, copy));
        Assert.Equal(StorageRelation.None, MountTable.Relation(disk.Image, copy + ".missing"));
    }

    [Fact]
    public void Parts_of_one_file_behind_loop_devices_overlap_the_file()
    {
        Tool.NeedRoot();
        using var disk = new TempDisk(16 * MiB);
        var whole = disk.Attach(disk.Image);
        var part = disk.Attach(disk.Image, "-o", "1048576");
        Assert.Equal(StorageRelation.Overlapping, MountTable.Relation(part, disk.Image));
        Assert.Equal(StorageRelation.Overlapping, MountTable.Relation(part, whole));
        Assert.Equal(StorageRelation.Same, MountTable.Relation(part, part));
    }

    [Fact]
    public void A_folder_lies_on_the_volume_it_is_on_through_any_layers()
    {
        Tool.NeedRoot();
        using var disk = new TempDisk(128 * MiB);
        Tool.Run("mkfs.ext4", "-q", "-F", disk.Image);
        var outer = disk.Attach(disk.Image);
        var outerPoint = disk.Mount(outer, "outer");
        var innerImage = Path.Combine(outerPoint, "inner.img");
        using (var file = File.Create(innerImage))
        {
            file.SetLength(32 * MiB);
        }

        Tool.Run("mkfs.ext4", "-q", "-F", innerImage);
        var inner = disk.Attach(innerImage);
        var innerPoint = disk.Mount(inner, "inner");
        var table = MountTable.Load();
        var store = Path.Combine(innerPoint, "not", "there", "yet");
        Assert.True(table.LiesOn(store, inner));
        Assert.True(table.LiesOn(store, innerImage));
        Assert.True(table.LiesOn(store, outer));
        Assert.True(table.LiesOn(store, disk.Image));
        Assert.True(table.LiesOn(outerPoint, outer));
        Assert.False(table.LiesOn(outerPoint, inner));
        Assert.False(table.LiesOn(disk.Folder, outer));
        Assert.False(table.LiesOn("/proc", outer));
        Assert.Equal(innerPoint, table.MountOf(store)!.MountPoint);
    }

    [Fact]
    public void Every_device_of_a_mounted_btrfs_is_in_use()
    {
        Tool.NeedRoot();
        using var disk = new TempDisk(128 * MiB);
        var first = disk.Attach(disk.Image);
        var second = disk.Attach(disk.NewFile("second.img", 128 * MiB));
        Tool.Run("mkfs.btrfs", "-q", "-f", first, second);
        Tool.Run("btrfs", "device", "scan", first, second);
        var point = disk.Mount(first, "mnt");
        var table = MountTable.Load();
        Assert.True(table.UsageOf(first).IsMounted);
        Assert.True(table.UsageOf(second).IsMounted);
        Assert.True(table.LiesOn(point, second));
    }

    [Fact]
    public void Swap_in_use_is_seen()
    {
        Tool.NeedRoot();
        using var disk = new TempDisk(16 * MiB);
        Tool.Run("mkswap", "-q", disk.Image);
        var loop = disk.Attach(disk.Image);
        Assert.False(MountTable.Load().UsageOf(loop).IsSwap);
        if (Tool.TryRun("swapon", loop) is { Code: not 0 } refused)
        {
            Assert.Skip($"Swap can't be turned on here: {refused.Output.Trim()}");
        }

        try
        {
            Assert.True(MountTable.Load().UsageOf(loop) is { IsSwap: true, IsInUse: true });
            Assert.True(MountTable.Load().UsageOf(disk.Image).IsSwap);
        }
        finally
        {
            Tool.Run("swapoff", loop);
        }
    }
}
