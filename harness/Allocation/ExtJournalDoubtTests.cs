using System.Buffers.Binary;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>Where it can't be said what recovery would make of a journal there is no map.</summary>
public class ExtJournalDoubtTests
{
    private const int BlockSize = 1024;

    /// <summary>The journal has a descriptor, two blocks of data and a commit, from its first block on.</summary>
    [Theory]
    [InlineData(1, 20)]
    [InlineData(2, 500)]
    [InlineData(3, 0)]
    [InlineData(4, 60)]
    public void A_damaged_block_of_a_committed_transaction_is_seen(int block, int at)
    {
        using var folder = new TempFolder("extjournal");
        var journal = Make(folder);
        Assert.NotEmpty(Maps.FreeOf(journal.Path));
        journal.Change(block, bytes => bytes[at] ^= 4);
        Assert.Equal("transaction 1 of its journal is damaged", Maps.WhyNot(journal.Path));
    }

    [Fact]
    public void A_damaged_block_of_a_transaction_that_was_never_committed_is_not()
    {
        using var folder = new TempFolder("extjournal");
        var journal = Make(folder);
        journal.Change(7, bytes => bytes[0] ^= 4);
        Assert.NotEmpty(Maps.FreeOf(journal.Path));
    }

    [Theory]
    [InlineData(0x20, 5, "given up after an error")]
    [InlineData(0x28, 0x40000000, "features that aren't known here (incompat 0x40000000)")]
    [InlineData(0x24, 0x100, "features that aren't known here (0x100)")]
    [InlineData(0x0C, 4096, "contradicts itself")]
    [InlineData(0x10, 1 << 20, "contradicts itself")]
    [InlineData(0x14, 0, "contradicts itself")]
    [InlineData(0x1C, 5000, "contradicts itself")]
    [InlineData(0x04, 7, "no superblock")]
    public void A_superblock_of_a_journal_that_says_so_has_no_map(int at, int value, string reason)
    {
        using var folder = new TempFolder("extjournal");
        var journal = Make(folder);
        journal.ChangeSuperblock(bytes => BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(at), value));
        Assert.Contains(reason, Maps.WhyNot(journal.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_journal_that_has_something_where_the_superblock_says_that_there_is_nothing_is_seen()
    {
        using var folder = new TempFolder("extjournal");
        var journal = Make(folder);
        ExtImage.Debugfs(folder, journal.Path, "feature -needs_recovery\n");
        Assert.Contains("says that there is nothing", Maps.WhyNot(journal.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void Recovery_without_a_journal_is_seen()
    {
        using var folder = new TempFolder("extjournal");
        var image = ExtImage.Make(folder, 8, "-b", "1024", "-O", "^has_journal,^metadata_csum");
        ExtImage.Debugfs(folder, image, "feature needs_recovery\n");
        Assert.Contains("has to be replayed and isn't here", Maps.WhyNot(image), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-O ^metadata_csum")]
    [InlineData("-t ext3")]
    public void A_journal_whose_inode_is_spoilt_is_found_by_the_superblocks_copy(string make)
    {
        using var folder = new TempFolder("extjournal");
        var journal = Make(folder, make);
        var expected = Maps.FreeOf(journal.Path);
        ExtImage.Debugfs(folder, journal.Path, "clri <8>\n");
        Assert.Equal(expected, Maps.FreeOf(journal.Path));
    }

    [Fact]
    public void A_journal_on_another_device_is_needed_only_where_it_has_to_be_replayed()
    {
        Root.Require();
        using var folder = new TempFolder("extjournal");
        Tool.Require("mkfs.ext4", "dumpe2fs", "debugfs");
        var device = folder.Sparse("journal.img", 8 << 20);
        Tool.Run("mke2fs", "-q", "-F", "-O", "journal_dev", "-b", "1024", device);
        Assert.Contains("journal of a file system on another device", Maps.WhyNot(device), StringComparison.Ordinal);
        using var loop = LoopDevice.Attach(device);
        var image = ExtImage.Make(folder, 8, "-b", "1024", "-J", $"device={loop.Path}");
        Dumpe2fs.Of(image).AssertSame(Maps.FreeOf(image));
        ExtImage.Debugfs(folder, image, "feature needs_recovery\n");
        Assert.Contains("has to be replayed and isn't here", Maps.WhyNot(image), StringComparison.Ordinal);
    }

    [Fact]
    public void Fast_commits_that_are_pending_are_seen_and_those_that_are_over_do_not_matter()
    {
        ExtLive.Require();
        using var folder = new TempFolder("extjournal");
        var image = ExtImage.Make(folder, 24, "-b", "1024", "-O", "fast_commit", "-J", "size=8");
        var mountPoint = folder.Folder("mnt");
        using (var loop = LoopDevice.Attach(image))
        {
            Tool.Run("mount", loop, mountPoint);
            try
            {
                Tool.Run(
                    "bash", "-c",
                    "cd \"$1\"; echo 1 >a; sync -f .; for i in $(seq 20); do head -c 3000 /dev/urandom >>a; sync a; done; cd /; xfs_io -x -c shutdown \"$1\"",
                    "bash", mountPoint);
            }
            finally
            {
                ExtLive.Unmount(mountPoint);
            }
        }

        Assert.Contains("fast commits", Maps.WhyNot(image), StringComparison.Ordinal);
        ExtLive.Recovered(folder, image, byKernel: true);
        Dumpe2fs.Of(image).AssertSame(Maps.FreeOf(image));
    }

    private static ExtJournalImage Make(TempFolder folder, string options = "-O metadata_csum")
    {
        var image = ExtImage.Make(folder, 24, ["-b", "1024", "-J", "size=4", .. options.Split(' ')]);
        var content = File.ReadAllBytes(image);
        Dictionary<long, byte[]> Blocks(params long[] numbers) => numbers.ToDictionary(
            number => number, number => content.AsSpan((int)number * BlockSize, BlockSize).ToArray());
        var journal = new ExtJournalImage(folder, image, BlockSize);
        journal.Write(Blocks(2, 20000)).Write(Blocks(20001, 20002), isCommitted: false).Close(options.Contains("metadata_csum", StringComparison.Ordinal) && !options.Contains('^', StringComparison.Ordinal) ? "-c -v 3" : "");
        return journal;
    }
}
