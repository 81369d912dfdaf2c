using Tidemark.Engine;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Progress;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.RealDisks;

/// <summary>Block devices as sources and as targets, with a live file system on them.</summary>
public class LoopDeviceTests
{
    private const int MiB = 1 << 20;

    [Theory]
    [InlineData(512, "ext4")]
    [InlineData(4096, "ext4")]
    [InlineData(512, "xfs")]
    [InlineData(512, "btrfs")]
    public void A_block_device_comes_back_on_another_one(int sectorSize, string fileSystem)
    {
        Mount.Require(fileSystem);
        FileSystemChecker.Require(fileSystem);
        var size = fileSystem == "ext4" ? 64L * MiB : 320L * MiB;
        using var folder = new TempFolder("loop");
        using var source = LoopDevice.Attach(folder.Sparse("source", size), sectorSize, directIo: true);
        FileSystemMaker.Make(source, fileSystem);
        var random = Seed.Random($"{nameof(LoopDeviceTests)}/{fileSystem}/{sectorSize}");
        var mountPoint = folder.Folder("mount");
        using (var mount = Mount.Of(source, mountPoint, fileSystem))
        {
            FileTree.Write(mount.Folder, random, 60, 8 * MiB);
        }

        List<IReadOnlyDictionary<string, string>> points = [];
        string chain = "";
        for (var i = 0; i < 3; i++)
        {
            using (var mount = Mount.Of(source, mountPoint, fileSystem))
            {
                FileTree.Change(mount.Folder, random, 10);
                points.Add(FileTree.Hashes(mount.Folder));
            }

            source.Flush();
            var result = Backup(folder, source);
            chain = result.Chain;
            Assert.Equal(i + 1, result.Sequence);
            Assert.Equal(size, result.SourceBytes);
        }

        var again = Backup(folder, source);
        Assert.Equal(0, again.ChangedBlocks);
        points.Add(points[^1]);

        // A target that is larger than the source and full of something else.
        var backing = folder.Sparse("target", size + MiB);
        using var target = LoopDevice.Attach(backing, sectorSize);
        for (var i = points.Count; i > 0; i--)
        {
            var restored = Restore.Run(
                new RestoreRequest { Image = ImageAddress.Parse($"{chain}@{i}"), Target = TargetLocation.Parse(target), Force = i < points.Count }, NoObserver.Instance);
            Assert.Empty(restored.Damaged);
            target.Flush();
            FileSystemChecker.CheckDevice(target, fileSystem);
            using var mount = Mount.Of(target, mountPoint, fileSystem, readOnly: true);
            FileTree.AssertSame(points[i - 1], FileTree.Hashes(mount.Folder));
        }
    }

    [Fact]
    public void The_newest_point_equals_the_device_byte_for_byte()
    {
        Mount.Require("ext4");
        Tool.Require("cmp");
        using var folder = new TempFolder("loop");
        var file = folder.Sparse("source", (20 * MiB) + 512);
        using (var source = LoopDevice.Attach(file))
        {
            FileSystemMaker.Make(source, "ext4");
            using (var mount = Mount.Of(source, folder.Folder("mount"), "ext4"))
            {
                FileTree.Write(mount.Folder, Seed.Random(), 20, 2 * MiB);
            }

            source.Flush();
            Backup(folder, source);
        }

        var chain = Directory.GetDirectories(folder.At("store")).Single();
        Restore.Run(new RestoreRequest { Image = ImageAddress.Parse(chain), Target = TargetLocation.Parse(folder.At("restored")) }, NoObserver.Instance);
        Tool.Run("cmp", file, folder.At("restored"));
    }

    [Fact]
    public void A_mounted_target_and_a_smaller_one_and_a_used_one_are_refused()
    {
        Mount.Require("ext4");
        using var folder = new TempFolder("loop");
        using var source = LoopDevice.Attach(folder.Sparse("source", 16 * MiB));
        FileSystemMaker.Make(source, "ext4");
        var chain = Backup(folder, source).Chain;
        using var small = LoopDevice.Attach(folder.Sparse("small", 8 * MiB));
        using var used = LoopDevice.Attach(folder.Sparse("used", 16 * MiB));
        FileSystemMaker.Make(used, "ext4");
        Assert.Contains("doesn't fit", Refusal(chain, small, force: true), StringComparison.Ordinal);
        Assert.Contains("overwritten", Refusal(chain, used, force: false), StringComparison.Ordinal);
        Assert.Contains("overwritten", Refusal(chain, source, force: false), StringComparison.Ordinal);
        using var mount = Mount.Of(used, folder.Folder("mount"), "ext4");
        Assert.Contains("mounted", Refusal(chain, used, force: true), StringComparison.Ordinal);
    }

    private static string Refusal(string chain, string target, bool force)
    {
        var error = Assert.Throws<TidemarkException>(() => Restore.Run(
            new RestoreRequest { Image = ImageAddress.Parse(chain), Target = TargetLocation.Parse(target), Force = force }, NoObserver.Instance));
        Assert.Equal(TidemarkError.WrongUse, error.Error);
        return error.Message;
    }

    private static BackupResult Backup(TempFolder folder, string source) => Tidemark.Engine.Operations.Backups.Backup.Run(
        new BackupRequest { Source = SourceLocation.Parse(source), Store = StoreLocation.Parse(folder.At("store")), AllBlocks = true }, NoObserver.Instance);
}
