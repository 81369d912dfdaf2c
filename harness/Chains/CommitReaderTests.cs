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
        var renames = 0;
        var looks = new List<long>();
        chain.Folder = new SteppingFolder(folder, step =>
        {
            looks.Add(Look(folder, first, second));
            steps++;
            renames += step.StartsWith("renamed", StringComparison.Ordinal) ? 1 : 0;
            if (gaveUp && renames == 3 && step.StartsWith("renamed", StringComparison.Ordinal))
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
            Assert.True(renames > 3, "the image has too few parts");
            Assert.Equal(looks.Order(), looks);
            Assert.Equal(2, looks[^1]);
        }

        Assert.True(steps > 10);
    }

    [Fact]
    public void A_run_that_died_between_its_renames_left_nothing_for_any_verb()
    {
        var (source, chain, parts) = Split();
        var one = FileTree.Hash(place.At("first"));
        foreach (var renamed in new[] { 1, parts - 1 })
        {
            var copy = Copy(chain, $"renamed{renamed}");
            Undo(copy, parts, renamed);
            var listed = TidemarkCli.Run("list", copy, "--json").Succeeded().Events[0];
            Assert.Equal([1], listed.GetProperty("images").EnumerateArray().Select(i => i.Number("sequence")));
            Assert.Equal([2], listed.GetProperty("uncommitted").EnumerateArray().Select(i => i.GetInt64()));
            Assert.Equal(0, listed.GetProperty("broken").GetArrayLength());
            Assert.Contains("image 2 isn't there yet", TidemarkCli.Run("list", copy).Succeeded().Output, StringComparison.Ordinal);
            Assert.Contains("isn't there yet", TidemarkCli.Run("verify", copy, "--deep").Succeeded().Output, StringComparison.Ordinal);
            Assert.Equal(1, TidemarkCli.Run("show", copy + "@latest", "--json").Succeeded().Result.GetProperty("image").Number("sequence"));
            TidemarkCli.Run("restore", copy, place.At("restored"), "--force").Succeeded();
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
    public void A_first_image_that_is_being_committed_makes_no_chain_yet()
    {
        var (source, chain, _) = Split(onlyFirst: true);
        var parts = Directory.GetFiles(chain, "000001*.tdi").Length;
        var copy = Copy(chain, "first");
        Undo(copy, parts, 1, sequence: 1);
        Assert.Contains("No chains", TidemarkCli.Run("list", copy).Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("no image yet", TidemarkCli.Run("restore", copy, place.At("none")).EndedWith(TestCli.WrongUse).Error, StringComparison.Ordinal);
        TidemarkCli.Run("backup", source, "--to", copy).Succeeded();
        TidemarkCli.Run("verify", copy).Succeeded();
    }

    [Fact]
    public void A_lost_head_of_a_committed_image_is_damage_and_comes_back_by_repair()
    {
        var (source, chain, _) = Split();
        File.Delete(Path.Combine(chain, ImageNames.Part(2, 0)));

        // Nothing tells that it was never committed, and an older point is never given for a newer one without a word.
        var found = TidemarkCli.Run("verify", chain).EndedWith(TestCli.Damaged);
        Assert.Contains("head is lost, or the image was never committed", found.Output, StringComparison.Ordinal);
        Assert.Contains("never committed", TidemarkCli.Run("list", chain).Succeeded().Output, StringComparison.Ordinal);
        TidemarkCli.Run("restore", chain, place.At("none")).EndedWith(TestCli.Damaged);
        TidemarkCli.Run("restore", chain + "@1", place.At("restored")).Succeeded();
        TidemarkCli.Run("repair", chain).EndedWith(TestCli.Done, TestCli.Damaged);
        TidemarkCli.Run("backup", source, "--to", chain).EndedWith(TestCli.Done);
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

    /// <summary>The folder as it was when so many of the image's parts, the last ones, had their names.</summary>
    private static void Undo(string chain, int parts, int renamed, long sequence = 2)
    {
        Guid id;
        using (var loaded = Chain.Load(LocalStoreFolder.Open(chain)))
        {
            id = loaded.Get(sequence).Header.ImageId;
        }

        for (var part = 0; part < parts - renamed; part++)
        {
            File.Move(Path.Combine(chain, ImageNames.Part(sequence, part)), Path.Combine(chain, ImageNames.Temporary(sequence, part, id)));
        }
    }
}
