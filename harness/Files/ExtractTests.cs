using System.Diagnostics;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Mounting;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Files;

/// <summary>Single files out of images, with a driver and without, for root and for anybody.</summary>
public sealed class ExtractTests : IDisposable
{
    private readonly TempFolder folder = new("extract");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Files_and_trees_come_with_times_modes_links_and_holes()
    {
        Require();
        var image = ImagedDisk.Make(folder);
        var result = TidemarkCli.Run("extract", image, "p2/etc", "p2/conf", "p2/out", "p2/program", "p2/holes", "p2/pipe", "p1/Read me.txt", "--to", folder.At("to"), "--json")
            .Succeeded().Result;
        Assert.Equal((6, 3, 2, 1), (result.Number("files"), result.Number("folders"), result.Number("links"), result.Number("specials")));
        Assert.Empty(result.GetProperty("problems").EnumerateArray());
        AssertTree(folder.At("to"));
        Assert.Equal("from the FAT partition", File.ReadAllText(folder.At("to", "Read me.txt")));
        Assert.Equal("../../../../../../etc/hostname", new FileInfo(folder.At("to", "out")).LinkTarget);
        Assert.False(Path.Exists(folder.At("to", "pipe")));
        Assert.True(File.GetUnixFileMode(folder.At("to", "program")).HasFlag(UnixFileMode.SetUser));
        var holes = Tool.Run("stat", "--format=%s %b", folder.At("to", "holes")).Output.Split(' ');
        Assert.Equal("3000000", holes[0]);
        Assert.InRange(int.Parse(holes[1].Trim(), System.Globalization.CultureInfo.InvariantCulture), 1, 64);
        // Two names of one file, still.
        Assert.Equal("2", Tool.Run("stat", "--format=%h", folder.At("to", "etc", "fstab")).Output.Trim());

        // What is there stays as it is, and what isn't in the image is said before anything is copied.
        Assert.Contains("is there already", Refused("extract", image, "p2/etc", "--to", folder.At("to")), StringComparison.Ordinal);
        Assert.Contains("There is no 'p2/nothing'", Refused("extract", image, "p2/etc", "p2/nothing", "--to", folder.At("other")), StringComparison.Ordinal);
        Assert.Contains("no partition of it", Refused("extract", image, "etc/fstab", "--to", folder.At("other")), StringComparison.Ordinal);
        Assert.False(Path.Exists(folder.At("other")));
    }

    [Fact]
    public void Links_on_the_way_lead_within_the_image()
    {
        Require();
        var image = ImagedDisk.Make(folder);
        TidemarkCli.Run("extract", $"{image}#2", "conf/fstab", "--to", folder.At("to")).Succeeded();
        Assert.Equal("/dev/sda2 / ext4\n", File.ReadAllText(folder.At("to", "fstab")));
    }

    [Fact]
    public void Listings_show_volumes_folders_and_trees()
    {
        Require();
        var image = ImagedDisk.Make(folder);
        var disk = TidemarkCli.Run("ls", image, "--json").Succeeded().Result;
        Assert.Equal(["fat32", "ext4", "swap", null], disk.GetProperty("volumes").EnumerateArray().Select(v => v.GetProperty("fileSystem").GetString()));
        var tree = TidemarkCli.Run("ls", image, "p2/etc", "--recursive", "--json").Succeeded().Events.Where(e => e.Text("event") == "file").ToArray();
        Assert.Equal(
            ["p2/etc/deep", "p2/etc/deep/er", "p2/etc/deep/er/Grüße.txt", "p2/etc/fstab", "p2/etc/fstab.too"], tree.Select(e => e.Text("path")));
        Assert.Equal(("2021-03-04T05:06:07Z", 17L, "0644", "file"), (tree[3].Text("modified"), tree[3].Number("bytes"), tree[3].Text("mode"), tree[3].Text("kind")));
        var root = TidemarkCli.Run("ls", $"{image}#2", "/").Succeeded().Process.Output;
        Assert.Contains("  /conf -> /etc\n", root, StringComparison.Ordinal);
        Assert.Contains("-rwsr-xr-x     0     0           10  ", root, StringComparison.Ordinal);
        Assert.Single(TidemarkCli.Run("ls", image, "p2/etc/fstab", "--json").Succeeded().Events, e => e.Text("event") == "file");
        Assert.Contains("holds no files", Refused("ls", image, "p3/"), StringComparison.Ordinal);
    }

    [Fact]
    public void Anybody_who_may_use_FUSE_reads_files_without_root()
    {
        Require();
        Tool.Require("unshare", "setpriv", "fls", "icat");
        var image = ImagedDisk.Make(folder);
        Tool.Run("chmod", "-R", "a+rX", folder);
        Tool.Run("chmod", "a+rwx", folder);
        var listing = TidemarkCli.Events(AsNobody("ls", image, "p2/etc", "--recursive", "--json").Succeeded());
        Assert.Equal(5, listing.Count(e => e.Text("event") == "file"));
        Assert.Equal("sleuthkit", listing[^1].Text("reader"));
        var result = TidemarkCli.Events(AsNobody(
            "extract", image, "p2/etc", "p2/conf", "p2/program", "p2/holes", "p1/Read me.txt", "--to", folder.At("to"), "--json").Succeeded())[^1];
        Assert.Empty(result.GetProperty("problems").EnumerateArray());
        AssertTree(folder.At("to"));
        Assert.Equal("from the FAT partition", File.ReadAllText(folder.At("to", "Read me.txt")));
        // Nobody's copy of root's program gives nobody's rights to whoever starts it, so it isn't marked any more.
        Assert.False(File.GetUnixFileMode(folder.At("to", "program")).HasFlag(UnixFileMode.SetUser));
    }

    [Fact]
    [Case("3.17")]
    public void A_folder_that_takes_nothing_is_the_targets_fault_and_what_is_there_stays()
    {
        Require();
        var image = ImagedDisk.Make(folder);
        var small = folder.Folder("small");
        Tool.Run("mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=4", "tmpfs", small);
        try
        {
            // The folder, a link and one file find a place in it, and no more.
            var result = TidemarkCli.Run("extract", image, "p2/conf", "p2/program", "p2/holes", "p2/etc", "--to", Path.Combine(small, "to"), "--json").EndedWith(Failed).Result;
            var problems = result.GetProperty("problems").EnumerateArray().ToArray();
            Assert.NotEmpty(problems);
            Assert.All(problems, problem => Assert.False(problem.GetProperty("damaged").GetBoolean()));
            Assert.Equal("#!/bin/sh\n", File.ReadAllText(Path.Combine(small, "to/program")));
            Assert.False(Path.Exists(Path.Combine(small, "to/holes")));
            Tool.Run("mount", "-o", "remount,ro", small);
            result = TidemarkCli.Run("extract", image, "p2/holes", "--to", Path.Combine(small, "to"), "--json").EndedWith(Failed).Result;
            Assert.Contains("can't be written: Read-only file system", Assert.Single(result.GetProperty("problems").EnumerateArray()).Text("message"), StringComparison.Ordinal);
            Assert.Contains("Read-only file system", TidemarkCli.Run("extract", image, "p2/holes", "--to", Path.Combine(small, "other"), "--json").Refused(Failed, "failed"), StringComparison.Ordinal);
        }
        finally
        {
            Tool.Run("umount", small);
        }
    }

    private static void Require()
    {
        Root.Require();
        Tool.Require("nbdfuse", "fusermount3", "sgdisk", "mcopy", "mkfs.ext4", "fls");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
    }

    private static string Refused(params string[] arguments) => TidemarkCli.Run([.. arguments, "--json"]).Refused(WrongUse, "wrongUse");

    private static void AssertTree(string to)
    {
        Assert.Equal("/dev/sda2 / ext4\n", File.ReadAllText(Path.Combine(to, "etc/fstab")));
        Assert.Equal("/dev/sda2 / ext4\n", File.ReadAllText(Path.Combine(to, "etc/fstab.too")));
        Assert.Equal("hello", File.ReadAllText(Path.Combine(to, "etc/deep/er/Grüße.txt")));
        var time = new DateTime(2021, 3, 4, 5, 6, 7, DateTimeKind.Utc);
        foreach (var path in new[] { "etc", "etc/deep", "etc/deep/er", "etc/fstab" })
        {
            Assert.Equal(time, File.GetLastWriteTimeUtc(Path.Combine(to, path)));
        }

        Assert.Equal("/etc", new FileInfo(Path.Combine(to, "conf")).LinkTarget);
        var holes = new byte[3_000_000];
        "middle"u8.CopyTo(holes.AsSpan(2_000_000));
        Assert.Equal(holes, File.ReadAllBytes(Path.Combine(to, "holes")));
        Assert.True(File.GetUnixFileMode(Path.Combine(to, "program")).HasFlag(UnixFileMode.OtherExecute));
    }

    private ToolResult AsNobody(params string[] arguments) => OrdinaryUser.Run(folder, arguments);
}
