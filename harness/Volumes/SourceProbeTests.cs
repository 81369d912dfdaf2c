using Tidemark.Engine;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Volumes;
using Xunit;

namespace Tidemark.Harness.Volumes;

/// <summary>What a source is known by beyond its content, and the list of sources.</summary>
public class SourceProbeTests
{
    private const int MiB = 1 << 20;

    [Fact]
    public void A_bare_file_is_found_again_under_another_name_and_after_being_replaced()
    {
        using var disk = new TempDisk(MiB);
        var first = Probe(disk.Image);
        Assert.Equal(IdentityKind.FilePath, first.Items[^1].Kind);

        var moved = disk.Image + ".moved";
        File.Move(disk.Image, moved);
        if (first[IdentityKind.FileNode] is not null)
        {
            Assert.True(SourceIdentity.Matches(first, Probe(moved)), "the same inode elsewhere");
        }

        var replaced = disk.NewFile(Path.GetFileName(disk.Image), MiB);
        Assert.True(SourceIdentity.Matches(first, Probe(replaced)), "another inode under the same path");
        Assert.False(SourceIdentity.Matches(Probe(replaced), Probe(moved)), "two files");
    }

    [Fact]
    public void A_bare_file_that_is_formatted_stays_the_same_source()
    {
        using var disk = new TempDisk(8 * MiB);
        var bare = Probe(disk.Image);
        Tool.Run("mkfs.ext4", "-q", "-F", disk.Image);
        var formatted = Probe(disk.Image);
        Assert.Equal(IdentityKind.FileSystem, formatted.Items[0].Kind);
        Assert.True(SourceIdentity.Matches(bare, formatted));

        Tool.Run("mkfs.ext4", "-q", "-F", disk.Image);
        Assert.False(SourceIdentity.Matches(formatted, Probe(disk.Image)));
        Assert.True(SourceIdentity.Matches(bare, Probe(disk.Image)));
    }

    [Fact]
    public void A_copied_volume_is_the_same_source_and_a_virtual_disk_id_is_stronger()
    {
        using var disk = new TempDisk(8 * MiB);
        Tool.Run("mkfs.ext4", "-q", "-F", disk.Image);
        var copy = Path.Combine(disk.Folder, "elsewhere.img");
        File.Copy(disk.Image, copy);
        Assert.True(SourceIdentity.Matches(Probe(disk.Image), Probe(copy)));

        using var device = RawDevice.OpenRead(disk.Image);
        var one = SourceProbe.Probe(device, null, new IdentityItem(IdentityKind.VhdxDiskId, "one")).Identity;
        var two = SourceProbe.Probe(device, null, new IdentityItem(IdentityKind.VhdxDiskId, "two")).Identity;
        Assert.Equal("vhdx-disk:one", one.ToShortString());
        Assert.False(SourceIdentity.Matches(one, two));
        Assert.True(SourceIdentity.Matches(one, Probe(disk.Image)));
    }

    [Fact]
    public void A_loop_device_over_a_file_is_that_file()
    {
        Tool.NeedRoot();
        using var disk = new TempDisk(8 * MiB);
        var loop = disk.Attach(disk.Image);
        Assert.Equal(Probe(disk.Image), Probe(loop));
        Assert.False(Probe(loop).IsEmpty);
    }

    [Fact]
    public void The_list_of_sources_shows_disks_before_their_partitions()
    {
        Tool.NeedRoot();
        using var disk = new TempDisk(64 * MiB);
        Tool.Run("sgdisk", "-n", "1:1M:+16M", disk.Image);
        var loop = disk.AttachWithPartitions(disk.Image, "--read-only");
        var plain = disk.Attach(disk.NewFile("plain.img", 16 * MiB));
        Tool.Run("mkfs.ext4", "-q", "-F", "-L", "daten", plain);
        var point = disk.Mount(plain, "mnt");

        var list = Tidemark.Engine.Locations.Sources.List().ToList();
        var table = list.Single(entry => entry.Path == loop);
        Assert.Equal(("loop", 64L * MiB, true, disk.Image), (table.Type, table.Size, table.IsReadOnly, table.BackingFile));
        Assert.Equal("disk with GPT, 1 partition", table.Summary);
        Assert.Null(table.Problem);
        var volume = list.Single(entry => entry.Path == plain);
        Assert.Equal(("ext4", "daten", "ext4 volume"), (volume.FileSystem, volume.Label, volume.Summary));
        Assert.Equal([point], volume.MountPoints);
        Assert.StartsWith("ext:", volume.Identity.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(list, entry => entry.Size == 0 || entry.Path.StartsWith("/dev/ram", StringComparison.Ordinal));

        var partition = list.FindIndex(entry => entry.ParentPath == loop);
        Assert.Equal(list.IndexOf(table) + 1, partition);
        Assert.Equal(("part", loop + "p1", 16L * MiB), (list[partition].Type, list[partition].Path, list[partition].Size / MiB * MiB));
    }

    [Fact]
    public void A_device_that_cannot_be_opened_is_listed_with_the_reason()
    {
        Tool.NeedRoot();
        using var disk = new TempDisk(8 * MiB);
        var loop = disk.Attach(disk.Image);
        var entry = SourceList.List(path => throw new TidemarkException(TidemarkError.Failed, "no entry"))
            .Single(entry => entry.Path == loop);
        Assert.Equal("no entry", entry.Problem);
        Assert.True(entry.Identity.IsEmpty);
    }

    private static SourceIdentity Probe(string path)
    {
        using var device = RawDevice.OpenRead(path);
        return SourceProbe.Probe(device, path, null, RawDevice.OpenRead).Identity;
    }
}
