using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>The map of XFS against xfs_db, block by block, and against what a reader finds when all that is free was overwritten.</summary>
public sealed class XfsMapTests
{
    [Theory]
    [InlineData("")]
    [InlineData("-b size=1024 -m rmapbt=1,reflink=1")]
    [InlineData("-b size=1024 -i sparse=0 -d agcount=3")]
    [InlineData("-b size=2048 -m reflink=0,finobt=0,inobtcount=0 -n size=8192")]
    [InlineData("-s size=4096 -m rmapbt=1 -d agcount=6")]
    [InlineData("-i nrext64=1,size=1024 -m bigtime=0")]
    [InlineData("-l su=256k -d su=64k,sw=4")]
    [InlineData("-l version=2,su=32k -d agcount=6")]
    [InlineData("-d agsize=16m -l agnum=0 -m rmapbt=1,reflink=1,bigtime=1")]
    public void After_a_random_history_the_map_is_xfs_dbs_and_what_is_free_may_hold_anything(string options)
    {
        XfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("xfs-map");
        var image = folder.At("image");
        XfsImage.Make(image, "96M", options);
        var before = Live(image, folder.Folder("mount"), random, steps: 120);

        var map = MapReading.Of(image, random);
        map.AssertFree(XfsImage.Free(image));
        Assert.Equal("xfs", map.FileSystem);

        map.Scribble(random);
        AssertReadable(image, folder.Folder("again"), before);
    }

    [Theory]
    [InlineData("-m crc=0 -b size=4096")]
    [InlineData("-m crc=0 -b size=512 -d agcount=5")]
    [InlineData("-m crc=0,finobt=0 -b size=1024 -n ftype=0 -i attr=1 -l version=1")]
    public void Version_4_has_a_map_without_checksums(string options)
    {
        XfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("xfs-map");
        var image = folder.At("image");

        // Few kernels mount it any more: mkfs.xfs itself puts the files there.
        var content = folder.At("content");
        File.WriteAllBytes(content, FileTree.Content(random, 700_000));
        var prototype = folder.At("prototype");
        var files = string.Concat(Enumerable.Range(0, 60).Select(i => $"f{i} ---644 0 0 {content}\n"));
        File.WriteAllText(prototype, $"/dev/null\n0 0\nd--755 0 0\n{files}$\n");
        XfsImage.Make(image, "96M", $"{options} -p {prototype}");

        var map = MapReading.Of(image, random);
        map.AssertFree(XfsImage.Free(image));
        Assert.InRange(map.UsedBytes, 60 * 700_000, 80 << 20);

        map.Scribble(random);
        XfsImage.Check(image);
        foreach (var name in new[] { "/f0", "/f59" })
        {
            Assert.Equal(File.ReadAllBytes(content), XfsImage.Content(image, name));
        }
    }

    [Fact]
    public void A_volume_in_thousands_of_pieces_and_nearly_full_has_an_exact_map()
    {
        XfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("xfs-map");
        var image = folder.At("image");
        XfsImage.Make(image, "64M", "-b size=1024 -d agcount=2");
        IReadOnlyDictionary<string, string> before;
        using (var mount = Mount.OfFile(image, 0, 0, folder.Folder("mount"), "xfs"))
        {
            Tool.Run("bash", "-c", """
                cd "$1"; exec 2>/dev/null
                for i in $(seq 12); do head -c 4000000 /dev/urandom >f$i; done
                sync -f .
                for f in f*; do for i in $(seq 0 3 3906); do echo "fpunch $((i * 1024)) 1024"; done | xfs_io $f >/dev/null; done
                head -c 9000000 /dev/urandom >full
                exit 0
                """, "bash", mount.Folder);
            before = FileTree.Hashes(mount.Folder);
        }

        Assert.InRange(XfsImage.Print(image, "agf 0", "p bnolevel")["bnolevel"], 3, 9);
        var map = MapReading.Of(image, random);
        map.AssertFree(XfsImage.Free(image));
        Assert.InRange(map.Free.Count, 10_000, int.MaxValue);

        map.Scribble(random);
        AssertReadable(image, folder.Folder("again"), before);
    }

    [Fact]
    public void A_volume_that_grew_has_an_exact_map()
    {
        XfsImage.Require();
        Tool.Require("xfs_growfs");
        var random = Seed.Random();
        using var folder = new TempFolder("xfs-map");
        var image = folder.At("image");
        XfsImage.Make(image, "64M", "-d agcount=2");
        Tool.Run("truncate", "--size", "110M", image);
        IReadOnlyDictionary<string, string> before;
        using (var mount = Mount.OfFile(image, 0, 0, folder.Folder("mount"), "xfs"))
        {
            FileHistory.Live(mount.Folder, random, steps: 40, most: 2 << 20);
            Tool.Run("xfs_growfs", mount.Folder);
            FileHistory.Live(mount.Folder, random, steps: 40, most: 4 << 20);
            before = FileTree.Hashes(mount.Folder);
        }

        var map = MapReading.Of(image, random);
        map.AssertFree(XfsImage.Free(image));
        Assert.InRange(map.Length, 100 << 20, 110 << 20);
        map.Scribble(random);
        AssertReadable(image, folder.Folder("again"), before);
    }

    [Fact]
    public void A_log_that_went_round_many_times_is_clean_after_each_unmount()
    {
        XfsImage.Require();
        var random = Seed.Random();
        using var folder = new TempFolder("xfs-map");
        var image = folder.At("image");
        var mountpoint = folder.Folder("mount");
        XfsImage.Make(image, "32M", "-b size=1024");
        for (var i = 0; i < 12; i++)
        {
            using (var mount = Mount.OfFile(image, 0, 0, mountpoint, "xfs"))
            {
                Tool.Run("bash", "-c", $$"""
                    cd "$1"
                    for i in $(seq {{random.Next(1, 400)}}); do echo $i >"n$i"; done; sync -f .
                    rm -f n*; sync -f .
                    """, "bash", mount.Folder);
            }

            MapReading.Of(image, random).AssertFree(XfsImage.Free(image));
        }
    }

    private static IReadOnlyDictionary<string, string> Live(string image, string mountpoint, Random random, int steps)
    {
        using var mount = Mount.OfFile(image, 0, 0, mountpoint, "xfs");
        FileHistory.Live(mount.Folder, random, steps, most: 4 << 20);
        return FileTree.Hashes(mount.Folder);
    }

    private static void AssertReadable(string image, string mountpoint, IReadOnlyDictionary<string, string> expected)
    {
        XfsImage.Check(image);
        using var mount = Mount.OfFile(image, 0, 0, mountpoint, "xfs");
        FileTree.AssertSame(expected, FileTree.Hashes(mount.Folder));
    }
}
