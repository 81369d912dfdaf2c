using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Engine;
using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Chains;

/// <summary>Readers beside a run that commits an image in parts, and after one that died: it isn't there, or whole.</summary>
[Case("4.6")]
public sealed class CommitReaderTests : IDisposable
{
    private const int Length = 256 << 10;

    private readonly TempFolder place = new("commit");

    public void Dispose() => place.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_step_of_a_commit_shows_the_old_point_or_the_new_one(bool gaveUp)
    {
        var store = FolderStore.Open(place.Path);
        var folder = store.CreateFolder("chain");
        var chain = new ChainFixture(folder, 4096, HashAlgorithm.Xxh128, Codec.None, null, 1) { PartSize = ImageFormat.MinPartSize };
        var random = Seed.Random();
        var (first, second) = (new byte[Length], new byte[Length]);
        random.NextBytes(first);
        random.NextBytes(second);
        chain.Backup(new MemoryDevice(first), ImageKind.Full);
        var steps = 0;
        var named = 0;
        var looks = new List<long>();
        chain.Folder = new SteppingFolder(folder, step =>
        {
            looks.Add(Look(folder, first, second));
            steps++;
            named += step.StartsWith("completed", StringComparison.Ordinal) ? 1 : 0;
            if (gaveUp && named == 3 && step.StartsWith("completed", StringComparison.Ordinal))
            {
                throw TidemarkException.Failed("enough");
            }
        });
        if (gaveUp)
        {
            Assert.Throws<TidemarkException>(() => chain.Backup(new MemoryDevice(second), ImageKind.Incremental));
            Assert.All(looks, look => Assert.Equal(1, look));
            Assert.Equal(1, Look(folder, first, second));
        }
        else
        {
            chain.Backup(new MemoryDevice(second), ImageKind.Incremental);
            Assert.True(named > 3, "the image has too few parts");
            Assert.Equal(looks.Order(), looks);
            Assert.Equal(2, looks[^1]);
        }

        Assert.True(steps > 10);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_that_died_before_its_commit_left_nothing_for_any_verb(bool old)
    {
        var (source, chain, parts) = Split();
        var one = FileTree.Hash(place.At("first"));
        foreach (var named in new[] { 1, parts - 1 })
        {
            var copy = Copy(chain, $"named{named}");
            Undo(copy, parts, named, old);
            var listed = TidemarkCli.Run("list", copy, "--json").Succeeded().Events[0];
            Assert.Equal([1], listed.GetProperty("images").EnumerateArray().Select(i => i.Number("sequence")));
            Assert.Equal([2], listed.GetProperty("uncommitted").EnumerateArray().Select(i => i.GetInt64()));
            Assert.Equal(0, listed.GetProperty("broken").GetArrayLength());
            Assert.Contains("image 2 isn't there yet", TidemarkCli.Run("list", copy).Succeeded().Output, StringComparison.Ordinal);
            Assert.Contains("isn't there yet", TidemarkCli.Run("verify", copy, "--deep").Succeeded().Output, StringComparison.Ordinal);
            Assert.Equal(1, TidemarkCli.Run("show", copy + "@latest", "--json").Succeeded().Result.GetProperty("image").Number("sequence"));
            Assert.Contains(
                "image 1 is taken for the newest",
                TidemarkCli.Run("restore", copy, place.At("restored"), "--force").Succeeded().Error, StringComparison.Ordinal);
            Assert.Equal(one, FileTree.Hash(place.At("restored")));
            TidemarkCli.Run("export", copy + "@latest", place.At("disk.raw"), "--force").Succeeded();
            Assert.Equal(one, FileTree.Hash(place.At("disk.raw")));
            TidemarkCli.Run("restore", copy + "@2", place.At("none")).EndedWith(TestCli.WrongUse);
            TidemarkCli.Run("verify", copy + "@2").EndedWith(TestCli.WrongUse);
            TidemarkCli.Run("repair", copy).Succeeded();
            Assert.Equal(2, TidemarkCli.Run("backup", source, "--to", copy, "--json").Succeeded().Result.Number("sequence"));
            TidemarkCli.Run("verify", copy).Succeeded();
        }
    }

    [Fact]
    public void A_first_image_that_is_being_written_makes_no_chain_yet()
    {
        var (source, chain, _) = Split(onlyFirst: true);
        var parts = Directory.GetFiles(chain, "000001*.tdi").Length;
        var copy = Copy(chain, "first");
        Undo(copy, parts, 1, old: false, sequence: 1);
        Assert.Contains("No chains", TidemarkCli.Run("list", copy).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("no image yet", TidemarkCli.Run("restore", copy, place.At("none")).EndedWith(TestCli.WrongUse).Error, StringComparison.Ordinal);
        TidemarkCli.Run("backup", source, "--to", copy).Succeeded();
        TidemarkCli.Run("verify", copy).Succeeded();
    }

    [Fact]
    public void Without_a_sign_of_its_run_an_image_without_head_and_end_was_never_committed_and_one_with_its_end_may_have_been()
    {
        // A copy of the folder that somebody made meanwhile has no file that isn't complete.
        var (source, chain, parts) = Split();
        var begun = Copy(chain, "begun");
        Undo(begun, parts, parts - 2, old: false);
        Array.ForEach(Directory.GetFiles(begun, "*.tmp"), File.Delete);
        Assert.Equal([2], TidemarkCli.Run("list", begun, "--json").Succeeded().Events[0].GetProperty("uncommitted").EnumerateArray().Select(i => i.GetInt64()));
        Assert.Equal(2, TidemarkCli.Run("backup", source, "--to", begun, "--json").Succeeded().Result.Number("sequence"));
        TidemarkCli.Run("verify", begun).Succeeded();

        var whole = Copy(chain, "whole");
        Undo(whole, parts, parts - 1, old: false);
        Array.ForEach(Directory.GetFiles(whole, "*.tmp"), File.Delete);
        TidemarkCli.Run("verify", whole).EndedWith(TestCli.Damaged);
        Assert.Equal(3, TidemarkCli.Run("backup", source, "--to", whole, "--json").Succeeded().Result.Number("sequence"));
        Assert.Equal(parts - 1, Directory.GetFiles(whole, "000002*.tdi").Length);
        TidemarkCli.Run("restore", whole, place.At("restored")).Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(place.At("restored")));
    }

    [Fact]
    public void A_lost_head_of_a_committed_image_is_damage_and_comes_back_by_repair()
    {
        var (source, chain, _) = Split();
        File.Delete(Path.Combine(chain, ImageNames.Part(2, 0)));

        // Nothing tells that it was never committed; the newest committed point is given, and with a word on what lies there.
        var found = TidemarkCli.Run("verify", chain).EndedWith(TestCli.Damaged);
        Assert.Contains("was never committed, or its head is lost", found.Output, StringComparison.Ordinal);
        Assert.Contains("never committed", TidemarkCli.Run("list", chain).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains(
            "its head is lost", TidemarkCli.Run("restore", chain, place.At("restored")).Succeeded().Error, StringComparison.Ordinal);
        Assert.Equal(FileTree.Hash(place.At("first")), FileTree.Hash(place.At("restored")));
        TidemarkCli.Run("restore", chain + "@2", place.At("none")).EndedWith(TestCli.Damaged);
        TidemarkCli.Run("repair", chain).EndedWith(TestCli.Done, TestCli.Damaged);
        TidemarkCli.Run("show", chain + "@2").Succeeded();
        TidemarkCli.Run("backup", source, "--to", chain).EndedWith(TestCli.Done);
    }

    [Fact]
    public void Parts_that_a_later_image_was_made_from_are_never_cleared_away_whatever_of_them_is_lost()
    {
        var (source, chain, parts) = Split();
        TestCli.Overwrite(source, 50_000, 100, 3);
        TestCli.Backup(source, place.At("store"), "--split", "64K", "--compress", "none");
        var left = Directory.GetFiles(chain, "000002*.tdi").Order(StringComparer.Ordinal).ToList();
        File.Delete(Path.Combine(chain, ImageNames.Part(2, 0)));
        File.Delete(left.Where(f => Path.GetFileName(f) != ImageNames.Part(2, 0)).Last());
        TidemarkCli.Run("verify", chain).EndedWith(TestCli.Damaged);
        Assert.Equal(4, TidemarkCli.Run("backup", source, "--to", chain, "--json").Succeeded().Result.Number("sequence"));
        Assert.Equal(parts - 2, Directory.GetFiles(chain, "000002*.tdi").Length);
    }

    /// <summary>The newest point that a reader finds now, proven by its content.</summary>
    private static long Look(StoreFolder folder, byte[] first, byte[] second)
    {
        var report = Verify.Run([folder], null, VerifyDepth.Deep, null, null, NoObserver.Instance, default, workers: 1);
        Assert.Empty(report.Findings);
        using var chain = Chain.Load(folder);
        var newest = ImageAddress.Of(StoreLocation.Of(folder)).Find(chain);
        var expected = newest.Header.Sequence == 1 ? first : second;
        Assert.True(expected.AsSpan().SequenceEqual(ChainFixture.Restore(chain, newest, out _)));
        Assert.Equal(newest.Header.Sequence, chain.Members.Count);
        return newest.Header.Sequence;
    }

    private (string Source, string Chain, int Parts) Split(bool onlyFirst = false)
    {
        var source = TestCli.Noise(place, "source", 400_000);
        File.Copy(source, place.At("first"));
        var chain = TestCli.Backup(source, place.At("store"), "--split", "64K", "--compress", "none").Text("chain");
        if (!onlyFirst)
        {
            TestCli.Overwrite(source, 0, 300_000, 2);
            TestCli.Backup(source, place.At("store"), "--split", "64K", "--compress", "none");
        }

        return (source, chain, Directory.GetFiles(chain, "000002*.tdi").Length);
    }

    private string Copy(string chain, string name)
    {
        var copy = place.Folder(Path.Combine("copies", name));
        foreach (var file in Directory.GetFiles(chain).Where(f => !f.EndsWith("lock", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        return copy;
    }

    /// <summary>
    /// The folder as it was when so many of the image's parts had their names: the first ones behind the head, or, by a
    /// program that named parts when all were written, the last ones.
    /// </summary>
    private static void Undo(string chain, int parts, int named, bool old, long sequence = 2)
    {
        Guid id;
        using (var loaded = Chain.Load(LocalStoreFolder.Open(chain)))
        {
            id = loaded.Get(sequence).Header.ImageId;
        }

        File.Move(Path.Combine(chain, ImageNames.Part(sequence, 0)), Path.Combine(chain, OldNames.Temporary(sequence, 0, id)));
        for (var part = 1; part < parts; part++)
        {
            var now = Path.Combine(chain, ImageNames.Part(sequence, part, id));
            var hasName = old ? part >= parts - named : part <= named;
            File.Move(
                now, !old && hasName ? now : Path.Combine(chain, hasName ? OldNames.Part(sequence, part) : OldNames.Temporary(sequence, part, id)));
        }
    }
}
