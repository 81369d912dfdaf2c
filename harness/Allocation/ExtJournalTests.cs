using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>Ext file systems that were cut off in the midst of their work: what the map calls free, no recovery reaches.</summary>
public class ExtJournalTests
{
    /// <summary>The smallest journal there is turns around soon; another never does.</summary>
    private const string SmallJournal = "-J size=1";

    private static readonly (string Make, string Mount)[] usual =
    [
        ("-b 1024 " + SmallJournal, "rw"),
        ("-b 4096", "rw"),
        ("-b 1024 -O ^metadata_csum", "data=journal"),
        ("-t ext3 -b 1024 -J size=2", "rw"),
    ];

    private static readonly (string Make, string Mount)[] rare =
    [
        ("-b 1024 " + SmallJournal, "data=journal"),
        ("-b 1024 -O ^64bit " + SmallJournal, "rw"),
        ("-b 1024 -O ^metadata_csum,uninit_bg " + SmallJournal, "journal_checksum"),
        ("-b 1024 -O ^metadata_csum,uninit_bg " + SmallJournal, "journal_checksum,journal_async_commit,data=writeback"),
        ("-b 1024 " + SmallJournal, "journal_async_commit,data=writeback"),
        ("-b 1024 -O meta_bg,^resize_inode " + SmallJournal, "rw"),
        ("-b 1024 -O sparse_super2,orphan_file " + SmallJournal, "rw"),
        ("-b 2048 -O bigalloc -C 16384", "rw"),
        ("-b 1024 -G 4 -O inline_data,project -I 512 " + SmallJournal, "rw"),
        ("-t ext3 -b 4096", "data=journal"),
    ];

    public static TheoryData<string, string, bool> Kinds
    {
        get
        {
            var kinds = new TheoryData<string, string, bool>();
            foreach (var (make, mount) in LongForm.Is ? [.. usual, .. rare] : usual)
            {
                kinds.Add(make, mount, true);
                kinds.Add(make, mount, false);
            }

            return kinds;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Noise_in_what_is_free_changes_no_file_after_recovery(string make, string mount, bool flush)
    {
        ExtLive.Require();
        using var folder = new TempFolder("extlive");
        var random = Seed.Random();
        var image = ExtImage.Make(folder, 24, make.Split(' '));
        ExtLive.Live(folder, image, mount, random, LongForm.Or(60, 200), flush);
        Assert.Contains("needs_recovery", Tool.Run("dumpe2fs", "-h", image).Output, StringComparison.Ordinal);

        var free = Maps.FreeOf(image);
        Assert.NotEmpty(free);
        AssertRecoveryFreesAsMuch(folder, image, free);
        foreach (var byKernel in new[] { true, false })
        {
            var (untouched, noisy) = (Copy(folder, image), Copy(folder, image));
            Maps.Scribble(noisy, free, random);
            FileTree.AssertSame(ExtLive.Recovered(folder, untouched, byKernel), ExtLive.Recovered(folder, noisy, byKernel));
        }
    }

    /// <summary>
    /// Free is what is free on the disk and after the replay, block by block. Where the disk's own bitmaps lag so far behind
    /// their checksums that the judge doesn't read them, no more than what is free after it.
    /// </summary>
    private static void AssertRecoveryFreesAsMuch(TempFolder folder, string image, List<(long Start, long End)> free)
    {
        var replayed = Copy(folder, image);
        var replay = Tool.Try("e2fsck", "-E", "journal_only", "-y", replayed);
        Assert.True(replay.ExitCode is 0 or 1, replay.Output + replay.Error);
        var after = Dumpe2fs.Of(replayed);
        var ours = after.Blocks(free.Select(run => (run.Start / after.BlockSize, run.End / after.BlockSize)));
        var judged = after.Blocks(after.Free);
        var before = Dumpe2fs.TryOf(image) is { } disk ? after.Blocks(disk.Free) : null;
        var wrong = Enumerable.Range(0, ours.Length)
            .Where(block => before is null ? ours[block] && !judged[block] : ours[block] != (judged[block] && before[block]));
        Assert.Empty(wrong);
    }

    private static string Copy(TempFolder folder, string image)
    {
        var copy = folder.At($"{Guid.NewGuid():N}.img");
        Tool.Run("cp", "--sparse=always", image, copy);
        return copy;
    }
}
