using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Mounting;

/// <summary>A btrfs is shown from its top, with all its subvolumes, and its default one is named.</summary>
[Case("2.9")]
public sealed class SubvolumeTests : IDisposable
{
    private readonly TempFolder folder = new("subvolumes");

    public void Dispose()
    {
        if (Directory.Exists(folder.At("m")))
        {
            TidemarkCli.Run("unmount", folder.At("m"), "--force");
        }

        folder.Dispose();
    }

    [Theory]
    [InlineData("@", "@")]
    [InlineData("@/.snapshots/1/snapshot", "@/.snapshots/1/snapshot")]
    [InlineData("with a blank/Grüße", "with a blank/Grüße")]
    [InlineData("", null)]
    public void All_are_shown_and_the_default_is_named(string chosen, string? named)
    {
        var image = Make(chosen);
        var result = TidemarkCli.Run("mount", image, folder.At("m"), "--json").Succeeded().Result;
        Assert.Equal(named, result.GetProperty("volumes")[0].GetProperty("defaultSubvolume").GetString());
        foreach (var (path, content) in new[] { ("top", "top"), ("@/file", "@"), ("@/.snapshots/1/snapshot/file", "@"), ("with a blank/Grüße/file", "nested") })
        {
            Assert.Equal(content, File.ReadAllText(folder.At("m", path)));
        }

        TidemarkCli.Run("unmount", folder.At("m")).Succeeded();

        var listed = TidemarkCli.Run("ls", image, "--json").Succeeded();
        Assert.Equal(["@", "top", "with a blank"], listed.Events.Where(e => e.Text("event") == "file").Select(e => e.Text("path").Trim('/')));
        Assert.Equal(named, listed.Result.GetProperty("volumes")[0].GetProperty("defaultSubvolume").GetString());
        TidemarkCli.Run("extract", image, "@/file", "--to", folder.At("to")).Succeeded();
        Assert.Equal("@", File.ReadAllText(folder.At("to", "file")));
        var missing = TidemarkCli.Run("extract", image, "no/such", "--to", folder.At("to")).EndedWith(WrongUse).Error;
        Assert.Equal(named is not null, missing.Contains($"default subvolume is '/{named}'", StringComparison.Ordinal));
    }

    private string Make(string chosen)
    {
        Mount.Require("btrfs");
        Tool.Require("mkfs.btrfs", "btrfs", "nbdfuse", "fusermount3");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        var disk = folder.Sparse("disk", 128 << 20);
        FileSystemMaker.Make(disk, "btrfs");
        using (var live = Mount.OfFile(disk, 0, 0, folder.Folder("live"), "btrfs"))
        {
            File.WriteAllText(Path.Combine(live.Folder, "top"), "top");
            Subvolume("create", Path.Combine(live.Folder, "@"));
            File.WriteAllText(Path.Combine(live.Folder, "@/file"), "@");
            Directory.CreateDirectory(Path.Combine(live.Folder, "@/.snapshots/1"));
            Subvolume("snapshot", Path.Combine(live.Folder, "@"), Path.Combine(live.Folder, "@/.snapshots/1/snapshot"));
            Subvolume("create", Path.Combine(live.Folder, "with a blank"));
            Subvolume("create", Path.Combine(live.Folder, "with a blank/Grüße"));
            File.WriteAllText(Path.Combine(live.Folder, "with a blank/Grüße/file"), "nested");
            if (chosen.Length > 0)
            {
                Subvolume("set-default", Path.Combine(live.Folder, chosen));
            }
        }

        return Backup(disk, folder.At("store")).At(1);
    }

    private static void Subvolume(params string[] arguments) => Tool.Run("btrfs", ["subvolume", .. arguments]);
}
