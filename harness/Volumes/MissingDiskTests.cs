using Tidemark.Engine.Volumes;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using SupportTool = Tidemark.Harness.Support.Tool;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Volumes;

/// <summary>A disk that fstab names and that isn't mounted, by any spelling of a path that leads there.</summary>
[Case("2.11")]
public sealed class MissingDiskTests : IDisposable
{
    private readonly TempFolder place = new("missing");

    public MissingDiskTests() => OnlyOn.Linux();

    public void Dispose() => place.Dispose();

    [Fact]
    public void Links_on_the_way_are_followed_on_both_sides()
    {
        var disk = place.Folder("disk");
        place.Folder("elsewhere");
        File.CreateSymbolicLink(place.At("link"), disk);
        File.CreateSymbolicLink(place.At("far"), place.At("link") + "/inner");
        File.CreateSymbolicLink(place.At("elsewhere", "near"), "../disk/store");
        File.CreateSymbolicLink(place.At("circle"), place.At("circle"));
        File.CreateSymbolicLink(place.At("parent"), place.Path);
        var none = MountTable.Parse("22 1 8:2 / / rw - ext4 /dev/sda2 rw", "");
        var mounted = MountTable.Parse($"22 1 8:2 / / rw - ext4 /dev/sda2 rw\n23 22 8:3 / {disk} rw - ext4 /dev/sda3 rw", "");
        foreach (var named in new[] { disk, place.At("link"), place.At("parent", "disk"), disk + "/" })
        {
            var fstab = $"UUID=1 / ext4 defaults 0 1\nUUID=2 {named} ext4 nofail 0 2\n";
            foreach (var path in new[]
            {
                disk, place.At("disk", "store"), place.At("link", "store"), place.At("far", "store"), place.At("elsewhere", "near"),
                place.At("parent", "link", "x"), place.At("parent", "elsewhere", "near", "deep"), $"/proc/self/root{disk}/store",
            })
            {
                Assert.Equal(Path.TrimEndingDirectorySeparator(named), none.MissingMountOf(path, fstab));
                Assert.Null(mounted.MissingMountOf(path, fstab));
            }

            foreach (var path in new[] { place.Path, place.At("elsewhere"), place.At("diskette"), place.At("circle") })
            {
                Assert.Null(none.MissingMountOf(path, fstab));
            }
        }
    }

    [Fact]
    public void A_folder_that_is_bound_elsewhere_is_the_same_place()
    {
        var none = MountTable.Parse(
            """
            22 1 8:2 / / rw - ext4 /dev/sda2 rw
            30 22 8:2 /no-such-mnt/usb/store /no-such-bound rw - ext4 /dev/sda2 rw
            """,
            "");
        const string Fstab = "UUID=2 /no-such-mnt/usb ext4 nofail 0 2";
        Assert.Equal("/no-such-mnt/usb", none.MissingMountOf("/no-such-bound/chain", Fstab));
        Assert.Null(none.MissingMountOf("/no-such-other", Fstab));
    }

    [Fact]
    public void Backup_import_and_export_say_so()
    {
        Root.Require();
        SupportTool.Require("unshare", "sh", "mount");
        var source = TestCli.Noise(place, "source", 50_000);
        place.Folder("disk");
        File.CreateSymbolicLink(place.At("link"), place.At("disk"));
        File.WriteAllText(place.At("fstab"), $"UUID=2 {place.At("disk")} ext4 nofail 0 2\n");
        var store = place.At("link", "store");
        foreach (var arguments in new[]
        {
            new[] { "backup", source, "--to", store },
            ["import", source, "--to", place.At("link", "imported")],
            ["export", place.At("disk", "store", "source"), place.At("out.raw")],
            ["export", place.At("disk", "store", "source"), place.At("link", "out.raw")],
        })
        {
            var (program, leading) = TidemarkCli.Command;
            var run = SupportTool.Start(
                "unshare",
                ["--mount", "sh", "-c", "mount --bind \"$0\" /etc/fstab && exec \"$@\"", place.At("fstab"), program, .. leading, .. arguments],
                Patience.Limit).Succeeded();
            Assert.Contains($"Nothing is mounted at {place.At("disk")}", run.Error, StringComparison.Ordinal);
        }
    }
}
