using System.Diagnostics;
using System.Globalization;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Mounting;

/// <summary>Images as folders, through the system's own drivers, and their end, whoever dies.</summary>
[DiffersBySystem]
public sealed class MountTests : IDisposable
{
    private readonly TempFolder folder = new("mount");

    public void Dispose()
    {
        // A test that failed leaves no mount behind.
        if (Directory.Exists(folder.At("m")))
        {
            TidemarkCli.Run("unmount", folder.At("m"), "--force");
        }

        folder.Dispose();
    }

    [Fact]
    public void A_disk_becomes_a_folder_a_partition()
    {
        Require("sgdisk", "mcopy", "mkfs.ext4");
        var image = ImagedDisk.Make(folder);
        var result = TidemarkCli.Run("mount", image, folder.At("m"), "--json").Succeeded();
        var mounted = result.Result;
        Assert.Equal(["p1", "p2", "p3", "p5"], mounted.GetProperty("volumes").EnumerateArray().Select(v => v.Text("name")));
        var volumes = mounted.GetProperty("volumes").EnumerateArray().ToDictionary(v => v.Text("name"));
        Assert.Equal(folder.At("m", "p2"), volumes["p2"].Text("path"));
        Assert.Equal(("ext4", "root"), (volumes["p2"].Text("fileSystem"), volumes["p2"].Text("label")));
        Assert.Contains("swap", volumes["p3"].Text("problem"), StringComparison.Ordinal);
        Assert.Contains("nothing is recognised", volumes["p5"].Text("problem"), StringComparison.Ordinal);
        Assert.Contains(result.Events, e => e.Text("event") == "warning" && e.Text("message").StartsWith("p3 ", StringComparison.Ordinal));
        Assert.Equal("/dev/sda2 / ext4\n", File.ReadAllText(folder.At("m", "p2", "etc", "fstab")));
        Assert.Throws<IOException>(() => File.WriteAllText(folder.At("m", "p2", "new"), "x"));
        // The image as a file is the disk, bit for bit.
        Tool.Run("cmp", folder.At("disk.img"), folder.At("m", "disk.img"));

        Assert.Contains("is mounted on", RefusedBy(Busy, "mount", image, folder.At("m")), StringComparison.Ordinal);
        Unmounted(image, mounted.Text("file"));
        Assert.Contains("No image is mounted", RefusedBy(WrongUse, "unmount", folder.At("m")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ext4", 16)]
    [InlineData("xfs", 300)]
    [InlineData("btrfs", 120)]
    [InlineData("ntfs", 16)]
    [InlineData("exfat", 16)]
    public void A_volume_that_was_live_shows_what_its_journal_holds(string fileSystem, int megabytes)
    {
        Require();
        Mount.Require(fileSystem);
        var disk = folder.Sparse("volume.img", (long)megabytes << 20);
        FileSystemMaker.Make(disk, fileSystem);
        string image;
        using (var live = Mount.OfFile(disk, 0, 0, folder.Folder("live"), fileSystem))
        {
            Directory.CreateDirectory(Path.Combine(live.Folder, "below"));
            File.WriteAllText(Path.Combine(live.Folder, "below", "file.txt"), "written while it was live");
            live.Flush();
            // Written, and only in the journal; the volume stays mounted all along, beside its own image.
            image = Backup(disk, folder.At("store")).At(1);
            var result = TidemarkCli.Run("mount", image, folder.At("m"), "--json").EndedWith(0).Result;
            Assert.Equal(folder.At("m"), result.GetProperty("volumes")[0].Text("path"));
            Assert.Equal("written while it was live", File.ReadAllText(folder.At("m", "below", "file.txt")));
            Unmounted(image, result.Text("file"));
        }
    }

    [Theory]
    [InlineData("tidemark")]
    [InlineData("nbdfuse")]
    public void After_a_death_nothing_hangs_and_unmount_cleans_up(string who)
    {
        Require("sgdisk", "mcopy", "mkfs.ext4");
        var image = ImagedDisk.Make(folder);
        var mounted = TidemarkCli.Run("mount", image, folder.At("m"), "--json").Succeeded().Result;
        var runtime = Path.GetDirectoryName(mounted.Text("file"))!;
        var holder = File.ReadAllLines(Path.Combine(runtime, "mount"))[2];
        var victim = who == "tidemark" ? holder : Tool.Run("pgrep", "--parent", holder, "nbdfuse").Output.Trim();
        Tool.Run("kill", "-KILL", victim);
        // Reads end, with content that was cached or with an error.
        var read = Tool.Try("cat", folder.At("m", "p2", "holes"));
        Assert.InRange(read.ExitCode, 0, 1);
        if (who == "nbdfuse")
        {
            // The process that held it notices, takes everything down, and ends.
            Eventually(() => !File.ReadAllText("/proc/self/mountinfo").Contains(folder.At("m"), StringComparison.Ordinal));
            Eventually(() => !Directory.Exists(runtime));
        }
        else
        {
            TidemarkCli.Run("unmount", folder.At("m")).Succeeded();
        }

        AssertGone(mounted.Text("file"));
        // And the folder can be used again.
        var again = TidemarkCli.Run("mount", image, folder.At("m"), "--json").Succeeded().Result;
        Assert.Equal("/dev/sda2 / ext4\n", File.ReadAllText(folder.At("m", "p2", "etc", "fstab")));
        Unmounted(image, again.Text("file"));
    }

    [Fact]
    public void A_mount_that_died_makes_room_for_the_next()
    {
        Require("sgdisk", "mcopy", "mkfs.ext4");
        var image = ImagedDisk.Make(folder);
        var dead = TidemarkCli.Run("mount", image, folder.At("m"), "--json").Succeeded().Result.Text("file");
        Tool.Run("kill", "-KILL", File.ReadAllLines(Path.Combine(Path.GetDirectoryName(dead)!, "mount"))[2]);
        var result = TidemarkCli.Run("mount", image, folder.At("m"), "--json").Succeeded().Result;
        AssertGone(dead);
        Assert.Equal("/dev/sda2 / ext4\n", File.ReadAllText(folder.At("m", "p2", "etc", "fstab")));
        Unmounted(image, result.Text("file"));
    }

    [Fact]
    public void A_mount_in_use_is_busy_until_forced()
    {
        Require("sgdisk", "mcopy", "mkfs.ext4");
        var image = ImagedDisk.Make(folder);
        var file = TidemarkCli.Run("mount", image, folder.At("m"), "--json").Succeeded().Result.Text("file");
        using (File.OpenRead(folder.At("m", "p2", "etc", "fstab")))
        {
            Assert.Contains("--force", RefusedBy(Busy, "unmount", folder.At("m")), StringComparison.Ordinal);
            Assert.True(File.Exists(folder.At("m", "p2", "etc", "fstab")));
            TidemarkCli.Run("unmount", folder.At("m"), "--force").Succeeded();
        }

        Eventually(() => !Tool.Run("losetup", "--list", "--noheadings", "--output", "BACK-FILE").Output.Contains(file, StringComparison.Ordinal));
    }

    [Fact]
    public void One_partition_is_mounted_alone_and_in_the_foreground_a_signal_unmounts()
    {
        Require("sgdisk", "mcopy", "mkfs.ext4");
        var image = ImagedDisk.Make(folder);
        var (program, leading) = TidemarkCli.Command;
        using var process = Process.Start(new ProcessStartInfo(program, [.. leading, "mount", $"{image}#2", folder.At("m"), "--foreground"])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        Assert.StartsWith(folder.At("m") + "  ext4 \"root\"", process.StandardOutput.ReadLine(), StringComparison.Ordinal);
        Assert.Equal("/dev/sda2 / ext4\n", File.ReadAllText(folder.At("m", "etc", "fstab")));
        Tool.Run("kill", "-TERM", process.Id.ToString(CultureInfo.InvariantCulture));
        Assert.True(process.WaitForExit(Patience.Limit));
        Assert.Equal(0, process.ExitCode);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.At("m")));
    }

    [Fact]
    public void A_folder_with_something_in_it_is_refused()
    {
        OnlyOn.Linux();
        var image = Backup(Noise(folder, "source", 100_000), folder.At("store")).At(1);
        folder.Folder("full/x");
        Assert.Contains("isn't an empty folder", RefusedBy(WrongUse, "mount", image, folder.At("full")), StringComparison.Ordinal);
        Assert.Contains("No image is mounted", RefusedBy(WrongUse, "unmount", folder.At("full")), StringComparison.Ordinal);
        Assert.NotEmpty(RefusedBy(WrongUse, "mount", folder.At("nothing"), folder.At("m")));
    }

    [Fact]
    public void On_Windows_the_verbs_say_what_to_do_instead()
    {
        OnlyOn.Windows();
        foreach (var arguments in new[] { new[] { "mount", "x", "y" }, ["unmount", "y"], ["ls", "x"], ["extract", "x", "a", "--to", "y"], ["bootcheck", "x"] })
        {
            Assert.Contains("tidemark export", RefusedBy(WrongUse, arguments), StringComparison.Ordinal);
        }
    }

    private static string RefusedBy(int code, params string[] arguments) =>
        TidemarkCli.Run([.. arguments, "--json"]).Refused(code, code == Busy ? "busy" : "wrongUse");

    private static void Require(params string[] tools)
    {
        Root.Require();
        Tool.Require([.. tools, "nbdfuse", "fusermount3", "losetup"]);
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
    }

    private static void Eventually(Func<bool> holds)
    {
        var clock = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(clock.Elapsed < Patience.Limit, "It didn't come to pass.");
            Thread.Sleep(50);
        }
    }

    private static void AssertGone(string file)
    {
        Assert.False(Directory.Exists(Path.GetDirectoryName(file)));
        Assert.DoesNotContain(file, File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
        Assert.DoesNotContain(file, Tool.Run("losetup", "--list", "--noheadings", "--output", "BACK-FILE").Output, StringComparison.Ordinal);
    }

    private void Unmounted(string image, string file)
    {
        Assert.Equal(image, TidemarkCli.Run("unmount", folder.At("m"), "--json").Succeeded().Result.Text("image"));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.At("m")));
        AssertGone(file);
    }
}
