using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>When the map of an XFS is believed: what is held still and what a power cut leaves.</summary>
public sealed class XfsStateTests
{
    [Fact]
    public void A_frozen_volume_has_an_exact_map_though_its_log_is_dirty()
    {
        XfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("xfs-state");
        var image = folder.At("image");
        var copy = folder.At("copy");
        IReadOnlyDictionary<string, string> before;
        XfsImage.Make(image, "96M", "-m rmapbt=1");
        using (var mount = Mount.OfFile(image, 0, 0, folder.Folder("mount"), "xfs"))
        {
            FileHistory.Live(mount.Folder, random, steps: 100, most: 4 << 20);

            // Recovery frees what was deleted while it was open.
            var open = Path.Combine(mount.Folder, "open");
            File.WriteAllBytes(open, FileTree.Content(random, 3_000_000));
            using (new FileStream(open, FileMode.Open))
            {
                File.Delete(open);
                before = FileTree.Hashes(mount.Folder);
                CopyFrozen(mount.Folder, image, copy);
            }
        }

        Assert.Contains("<DIRTY>", Transactions(copy), StringComparison.Ordinal);
        var map = MapReading.Of(copy, random);
        map.AssertFree(XfsImage.Free(copy));
        map.Scribble(random);
        AssertRecovered(copy, folder.Folder("again"), before);
    }

    [Fact]
    public void A_volume_that_comes_back_from_a_freeze_is_read_whole_once_it_changed()
    {
        XfsImage.Require();
        using var folder = new TempFolder("xfs-state");
        var image = folder.At("image");
        XfsImage.Make(image, "96M", "");
        using var mount = Mount.OfFile(image, 0, 0, folder.Folder("mount"), "xfs");
        CopyFrozen(mount.Folder, image, folder.At("before"));
        File.WriteAllText(Path.Combine(mount.Folder, "a"), "content");
        mount.Flush();
        Tool.Run("cp", "--sparse=always", image, folder.At("after"));

        Assert.Null(MapReading.Refusal(folder.At("before")));
        Assert.Contains("log holds changes", MapReading.Refusal(folder.At("after")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-f")]
    public void A_volume_that_went_down_with_changes_in_its_log_is_read_whole(string flush)
    {
        XfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("xfs-state");
        var image = folder.At("image");
        XfsImage.Make(image, "96M", "");
        using (var mount = Mount.OfFile(image, 0, 0, folder.Folder("mount"), "xfs"))
        {
            FileHistory.Live(mount.Folder, random, steps: 40, most: 1 << 20);
            mount.Flush();
            FileHistory.Live(mount.Folder, random, steps: 10, most: 1 << 20);
            string[] shutdown = ["-x", "-c", $"shutdown {flush}".TrimEnd(), mount.Folder];
            Tool.Run("xfs_io", shutdown);
        }

        Assert.Contains("log holds changes", MapReading.Refusal(image), StringComparison.Ordinal);

        // The recovery of a mount puts them in their places.
        Mount.OfFile(image, 0, 0, folder.Folder("again"), "xfs").Dispose();
        MapReading.Of(image, random).AssertFree(XfsImage.Free(image));
    }

    [Fact]
    public void A_volume_cut_off_in_mid_write_is_read_whole_or_exactly()
    {
        XfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("xfs-state");

        // On a file system that clones files in one instant, as a power cut is one.
        var outer = folder.At("outer");
        XfsImage.Make(outer, "1G", "-m reflink=1");
        using var store = Mount.OfFile(outer, 0, 0, folder.Folder("store"), "xfs");
        var image = Path.Combine(store.Folder, "image");
        XfsImage.Make(image, "64M", "-l size=6m");
        var cuts = new List<string>();
        using (var mount = Mount.OfFile(image, 0, 0, folder.Folder("mount"), "xfs"))
        {
            using var writer = new Writer(mount.Folder, random);
            for (var i = 0; i < 8; i++)
            {
                Thread.Sleep(random.Next(150));
                var cut = Path.Combine(store.Folder, $"cut{i}");
                Tool.Run("cp", "--reflink=always", image, cut);
                cuts.Add(cut);
            }
        }

        foreach (var cut in cuts)
        {
            if (MapReading.Refusal(cut) is { } reason)
            {
                Assert.Contains("log", reason, StringComparison.Ordinal);
                continue;
            }

            var plain = cut + "-plain";
            Tool.Run("cp", "--reflink=always", cut, plain);
            MapReading.Of(cut, random).Scribble(random);
            AssertRecovered(cut, folder.Folder("again"), Recovered(plain, folder.Folder("plain")));
        }
    }

    [Fact]
    public void A_log_on_another_device_is_a_reason_to_read_the_volume_whole()
    {
        XfsImage.Require();
        using var folder = new TempFolder("xfs-state");
        var image = folder.At("image");
        XfsImage.Make(image, "96M", $"-l logdev={folder.Sparse("log", 32 << 20)},size=16m");

        Assert.Contains("its log is on another device", MapReading.Refusal(image), StringComparison.Ordinal);
    }

    private static void CopyFrozen(string mountpoint, string image, string copy)
    {
        Tool.Run("fsfreeze", "-f", mountpoint);
        try
        {
            Tool.Run("cp", "--sparse=always", image, copy);
        }
        finally
        {
            Tool.Run("fsfreeze", "-u", mountpoint);
        }
    }

    private static string Transactions(string image)
    {
        using var loop = LoopDevice.Attach(image, readOnly: true);
        return Tool.Run("xfs_logprint", "-t", loop).Output;
    }

    private static IReadOnlyDictionary<string, string> Recovered(string image, string mountpoint)
    {
        using var mount = Mount.OfFile(image, 0, 0, mountpoint, "xfs");
        return FileTree.Hashes(mount.Folder);
    }

    // The checker wants a log that is clean, and so comes behind the mount.
    private static void AssertRecovered(string image, string mountpoint, IReadOnlyDictionary<string, string> expected)
    {
        FileTree.AssertSame(expected, Recovered(image, mountpoint));
        XfsImage.Check(image);
    }
}
