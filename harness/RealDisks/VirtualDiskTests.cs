using Tidemark.Engine.Format;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Progress;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.RealDisks;

/// <summary>
/// Real disks through the whole engine: imaged in their container, changed through a real mount, imaged again, and both
/// points brought back, as qemu-img, the file systems' checkers and the files themselves see it.
/// </summary>
public abstract class VirtualDiskTests
{
    private const int Changes = 12;

    /// <summary>The disks of the manifest with these file systems.</summary>
    protected static TheoryData<string> Holding(params string[] fileSystems) =>
        [.. Fixture.All.Where(f => fileSystems.Contains(f.Partitions[0].FileSystem)).Select(f => f.Name)];

    protected static void Check(string name)
    {
        var fixture = Fixture.Named(name);
        Tool.Require("qemu-img", "qemu-io", "cp");
        Assert.All(fixture.Partitions, p => Mount.Require(p.FileSystem));
        Assert.All(fixture.Partitions, p => FileSystemChecker.Require(p.FileSystem));
        using var folder = new TempFolder("disk");
        var container = fixture.Unpack(folder);
        var before = folder.At("before.raw");
        Tool.Run("qemu-img", "convert", "-f", fixture.QemuFormat, "-O", "raw", container, before);

        var full = Backup(folder, container);
        Assert.Equal(ImageKind.Full, full.Kind);
        Assert.Equal(fixture.VirtualSize, full.SourceBytes);
        var nothing = Backup(folder, container);
        Assert.Equal(0, nothing.ChangedBlocks);

        var random = Seed.Random($"{nameof(VirtualDiskTests)}/{name}");
        var after = folder.At("after.raw");
        Tool.Run("cp", "--sparse=always", before, after);
        foreach (var partition in fixture.Partitions)
        {
            Change(folder, after, partition, random);
        }

        var changed = DiskChanges.Blocks(before, after, full.BlockSize);
        Assert.NotEmpty(changed);
        DiskChanges.Apply(folder, after, changed, full.BlockSize, container, fixture.QemuFormat);
        Tool.Run("qemu-img", "compare", "-f", fixture.QemuFormat, "-F", "raw", container, after);

        var increment = Backup(folder, container);
        Assert.Equal(ImageKind.Incremental, increment.Kind);
        Assert.Equal(full.Chain, increment.Chain);
        Assert.Equal(changed.Count, increment.ChangedBlocks);
        Assert.True(increment.ReadBytes <= fixture.VirtualSize);

        CheckRestored(folder, fixture, $"{full.Chain}@1", before);
        CheckRestored(folder, fixture, $"{full.Chain}@2", before);
        CheckRestored(folder, fixture, full.Chain, after);
    }

    private static void Change(TempFolder folder, string raw, FixturePartition partition, Random random)
    {
        var mountPoint = folder.Folder($"change{partition.Number}");
        using var mount = Mount.OfFile(raw, partition.Offset, partition.Size, mountPoint, partition.FileSystem);
        FileTree.Change(mount.Folder, random, Changes);
    }

    private static BackupResult Backup(TempFolder folder, string source)
    {
        var result = Tidemark.Engine.Operations.Backups.Backup.Run(
            new BackupRequest { Source = SourceLocation.Parse(source), Store = StoreLocation.Parse(folder.At("store")), AllBlocks = true }, NoObserver.Instance);
        Assert.Equal(0, result.UnreadableBytes);
        return result;
    }

    private static void CheckRestored(TempFolder folder, Fixture fixture, string image, string expected)
    {
        var target = folder.At("restored.raw");
        var result = Restore.Run(new RestoreRequest { Image = ImageAddress.Parse(image), Target = TargetLocation.Parse(target) }, NoObserver.Instance);
        Assert.Empty(result.Damaged);
        Tool.Run("qemu-img", "compare", "-f", "raw", "-F", "raw", expected, target);
        foreach (var partition in fixture.Partitions)
        {
            FileSystemChecker.Check(target, partition.Offset, partition.Size, partition.FileSystem);
            FileTree.AssertSame(Hashes(folder, expected, partition), Hashes(folder, target, partition));
        }

        File.Delete(target);
    }

    private static IReadOnlyDictionary<string, string> Hashes(TempFolder folder, string raw, FixturePartition partition)
    {
        var mountPoint = folder.Folder($"read {Guid.NewGuid():N}");
        using var mount = Mount.OfFile(raw, partition.Offset, partition.Size, mountPoint, partition.FileSystem, readOnly: true);
        var hashes = FileTree.Hashes(mount.Folder);
        Assert.NotEmpty(hashes);
        return hashes;
    }
}

/// <summary>Classes run beside each other, so each file system has one.</summary>
public class Ext4DiskTests : VirtualDiskTests
{
    public static TheoryData<string> Names => Holding("ext4");

    [Theory]
    [MemberData(nameof(Names))]
    public void An_ext4_disk_comes_back_at_every_point(string name) => Check(name);
}

public class XfsDiskTests : VirtualDiskTests
{
    public static TheoryData<string> Names => Holding("xfs");

    [Theory]
    [MemberData(nameof(Names))]
    public void An_XFS_disk_comes_back_at_every_point(string name) => Check(name);
}

public class NtfsDiskTests : VirtualDiskTests
{
    public static TheoryData<string> Names => Holding("ntfs");

    [Theory]
    [MemberData(nameof(Names))]
    public void An_NTFS_disk_comes_back_at_every_point(string name) => Check(name);
}

public class FatDiskTests : VirtualDiskTests
{
    public static TheoryData<string> Names => Holding("fat32", "exfat");

    [Theory]
    [MemberData(nameof(Names))]
    public void A_FAT32_or_exFAT_disk_comes_back_at_every_point(string name) => Check(name);
}
