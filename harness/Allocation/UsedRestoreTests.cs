using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>
/// The property that decides: what lived, was imaged by its map and restored onto a device full of random bytes, is whole to its own
/// checker, its driver and in every file.
/// </summary>
public class UsedRestoreTests
{
    private const long Size = 160L << 20;

    [Theory]
    [InlineData("ext4", "mkfs.ext4 -q -F", "e2fsck -fn")]
    [InlineData("xfs", "mkfs.xfs -q -f", "xfs_repair -n")]
    [InlineData("btrfs", "mkfs.btrfs -q -f", "btrfs check")]
    [InlineData("ntfs", "mkntfs -q -F -Q", "ntfsfix -n")]
    [InlineData("fat32", "mkfs.fat -F 32", "fsck.fat -n")]
    [InlineData("exfat", "mkfs.exfat", "fsck.exfat -n")]
    public void What_lived_is_whole_on_a_device_that_was_full_of_something_else(string fileSystem, string make, string check)
    {
        Mount.Require(fileSystem);
        Root.Require();
        Tool.Require(make.Split(' ')[0], check.Split(' ')[0]);
        var random = Seed.Random();
        using var folder = new TempFolder("used-restore");
        var (source, store, target) = (folder.At("source"), folder.At("store"), folder.At("target"));
        if (fileSystem == "xfs")
        {
            XfsImage.Make(source, $"{Size}", "");
        }
        else
        {
            Tool.Run("truncate", "--size", $"{Size}", source);
            Run(make, source);
        }

        var first = Live(fileSystem, source, folder.Folder("first"), random);
        var full = TidemarkCli.Run("backup", source, "--to", store, "--json").Succeeded().Result;
        var second = Live(fileSystem, source, folder.Folder("second"), random);
        var changed = TidemarkCli.Run("backup", source, "--to", store, "--json").Succeeded().Result;
        var chain = full.Text("chain");
        foreach (var result in new[] { full, changed })
        {
            var volume = result.GetProperty("volumes")[0];
            Assert.Equal(fileSystem, volume.Text("content"));
            Assert.Null(volume.GetProperty("whyWhole").GetString());
            var used = volume.GetProperty("usedBytes").GetInt64();
            Assert.InRange(used, 1, Size - (Size / 8));

            // What lies in small gaps is read with what lies around it.
            Assert.InRange(result.GetProperty("readBytes").GetInt64(), 1, used + (Size / 8));
        }

        using (var random2 = File.Create(target))
        {
            var noise = new byte[1 << 20];
            for (long at = 0; at < Size; at += noise.Length)
            {
                random.NextBytes(noise);
                random2.Write(noise);
            }
        }

        using (var device = LoopDevice.Attach(target))
        {
            RequireAs(1, first, []);
            RequireAs(2, second, ["--delta"]);
            RequireAs(1, first, ["--free", random.Next(2) == 0 ? "zero" : "trim"]);

            void RequireAs(int sequence, IReadOnlyDictionary<string, string> expected, string[] options)
            {
                TidemarkCli.Run(["restore", $"{chain}@{sequence}", device, "--force", .. options]).Succeeded();
                TidemarkCli.Run("verify", $"{chain}@{sequence}", "--against", device).Succeeded();
                Run(check, device);
                using var mount = Mount.OfFile(target, 0, 0, folder.Folder($"{sequence}{string.Concat(options)}"), fileSystem, readOnly: fileSystem != "ntfs");
                FileTree.AssertSame(expected, FileTree.Hashes(mount.Folder));
            }
        }

        TidemarkCli.Run("restore", $"{chain}@2", folder.At("file")).Succeeded();
        using var sparse = Mount.OfFile(folder.At("file"), 0, 0, folder.Folder("sparse"), fileSystem, readOnly: true);
        FileTree.AssertSame(second, FileTree.Hashes(sparse.Folder));
    }

    [Fact]
    public void Deleted_files_stay_deleted_unless_all_blocks_are_asked_for()
    {
        Mount.Require("ext4");
        Tool.Require("mkfs.ext4");
        using var folder = new TempFolder("deleted");
        var source = folder.At("source");
        Tool.Run("truncate", "--size", "64M", source);

        // Blocks of the image's size: what shares one with something used is kept.
        Run("mkfs.ext4 -q -F -b 4096", source);
        var secret = string.Concat(Enumerable.Repeat("what was deleted on purpose. ", 200_000));
        using (var mount = Mount.OfFile(source, 0, 0, folder.Folder("mount"), "ext4"))
        {
            File.WriteAllText(Path.Combine(mount.Folder, "secret"), secret);
            Tool.Run("sync", "-f", mount.Folder);
            File.Delete(Path.Combine(mount.Folder, "secret"));
        }

        Assert.Contains("deleted on purpose", File.ReadAllText(source, System.Text.Encoding.Latin1), StringComparison.Ordinal);
        foreach (var (option, holds) in new[] { ("--level=1", false), ("--all-blocks", true) })
        {
            var chain = TidemarkCli.Run("backup", source, "--to", folder.At("store" + holds), option, "--json").Succeeded().Result.Text("chain");
            TidemarkCli.Run("restore", chain, folder.At("back" + holds)).Succeeded();
            Assert.Equal(holds, File.ReadAllText(folder.At("back" + holds), System.Text.Encoding.Latin1).Contains("deleted on purpose", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Files_that_are_excluded_by_name_read_as_zeros_and_all_others_are_whole()
    {
        Mount.Require("ntfs");
        Tool.Require("mkntfs");
        var random = Seed.Random();
        using var folder = new TempFolder("excluded");
        var source = folder.At("source");
        Tool.Run("truncate", "--size", "96M", source);
        Run("mkntfs -q -F -Q", source);
        string[] kept = ["kept", "Data/kept.txt", "Data/Temp/kept", "linked"];
        string[] left = ["a.ISO", "Data/b.iso", "Temp/x", "Temp/deep/y"];
        using (var mount = Mount.OfFile(source, 0, 0, folder.Folder("mount"), "ntfs"))
        {
            foreach (var name in kept.Concat(left))
            {
                var path = Path.Combine(mount.Folder, name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllBytes(path, FileTree.Content(random, 300_000));
            }

            // Wanted by its other name.
            Tool.Run("ln", Path.Combine(mount.Folder, "linked"), Path.Combine(mount.Folder, "linked.iso"));
        }

        File.WriteAllText(folder.At("patterns"), "# what nobody misses\n\n/Temp\n");
        var result = TidemarkCli.Run(
            "backup", source, "--to", folder.At("store"), "--exclude", "*.iso", "--exclude-from", folder.At("patterns"), "--json").Succeeded().Result;
        var volume = result.GetProperty("volumes")[0];
        Assert.Equal(left.Length, volume.GetProperty("excludedFiles").GetInt32());
        Assert.InRange(volume.GetProperty("excludedBytes").GetInt64(), left.Length * 300_000, left.Length * 310_000);
        TidemarkCli.Run("restore", result.Text("chain"), folder.At("back")).Succeeded();
        using var before = Mount.OfFile(source, 0, 0, folder.Folder("before"), "ntfs", readOnly: true);
        using var after = Mount.OfFile(folder.At("back"), 0, 0, folder.Folder("after"), "ntfs", readOnly: true);
        Assert.All(kept, name => Assert.Equal(FileTree.Hash(Path.Combine(before.Folder, name)), FileTree.Hash(Path.Combine(after.Folder, name))));
        Assert.All(left, name => Assert.Equal(new byte[300_000], File.ReadAllBytes(Path.Combine(after.Folder, name))));
    }

    [Fact]
    public void A_volume_that_is_mounted_is_read_whole_and_the_result_says_why()
    {
        Mount.Require("ext4");
        Tool.Require("mkfs.ext4");
        using var folder = new TempFolder("mounted");
        var source = folder.At("source");
        Tool.Run("truncate", "--size", "32M", source);
        Run("mkfs.ext4 -q -F", source);
        using var device = LoopDevice.Attach(source);
        using var mount = Mount.Of(device, folder.Folder("mount"), "ext4");
        var live = TidemarkCli.Run("backup", device, "--to", folder.At("store"), "--json").Succeeded().Result;
        Assert.Contains("mounted read-write", live.GetProperty("volumes")[0].Text("whyWhole"), StringComparison.Ordinal);
        Tool.Run("fsfreeze", "-f", mount.Folder);
        try
        {
            var held = TidemarkCli.Run("backup", device, "--to", folder.At("store"), "--snapshot", "held", "--json").Succeeded().Result;
            Assert.Null(held.GetProperty("volumes")[0].GetProperty("whyWhole").GetString());
            Assert.InRange(held.GetProperty("readBytes").GetInt64(), 1, 16 << 20);
        }
        finally
        {
            Tool.Run("fsfreeze", "-u", mount.Folder);
        }
    }

    private static IReadOnlyDictionary<string, string> Live(string fileSystem, string image, string mountpoint, Random random)
    {
        using (var mount = Mount.OfFile(image, 0, 0, mountpoint, fileSystem))
        {
            Live(fileSystem, mount.Folder, random);
        }

        // What its driver finds again, which isn't always what it showed before.
        using var again = Mount.OfFile(image, 0, 0, mountpoint, fileSystem, readOnly: true);
        return FileTree.Hashes(again.Folder);
    }

    private static void Live(string fileSystem, string folder, Random random)
    {
        if (fileSystem == "fat32")
        {
            // mtools copies a folder of this machine, whose links FAT doesn't have.
            FileTree.Write(folder, random, 40, 6 << 20);
        }
        else
        {
            FileHistory.Live(folder, random, steps: 60, most: 3 << 20);
        }
    }

    private static void Run(string command, string path)
    {
        string[] words = [.. command.Split(' '), path];
        Tool.Run(words[0], words[1..]);
    }
}
