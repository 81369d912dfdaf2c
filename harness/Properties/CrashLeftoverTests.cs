using Tidemark.Engine;
using Tidemark.Engine.Format;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Properties;

/// <summary>What a run leaves that ended before its time, and what the next run makes of it.</summary>
public class CrashLeftoverTests
{
    private const int Part = (int)ImageFormat.MinPartSize;

    [Fact]
    public void Temporary_files_of_a_run_that_died_are_removed_by_the_next()
    {
        using var folder = new TempFolder();
        var chain = TwoImages(folder);
        var id = Guid.NewGuid();
        File.WriteAllBytes(Path.Combine(chain, OldNames.Temporary(3, 0, id)), new byte[5000]);
        File.WriteAllBytes(Path.Combine(chain, OldNames.Temporary(3, 1, id)), []);
        File.WriteAllText(Path.Combine(chain, "notes.txt"), "not Tidemark's");
        var result = Backup(folder);
        Assert.Equal(3, result.Sequence);
        Assert.DoesNotContain(Names(chain), IsTemporary);
        Assert.True(File.Exists(Path.Combine(chain, "notes.txt")));
        AssertRestores(folder, chain, 3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_step_of_a_commit_that_was_cut_off_leaves_the_old_tip_and_then_a_clean_chain(bool old)
    {
        using var folder = new TempFolder();
        var chain = TwoImages(folder);
        var parts = Names(chain).Where(n => ImageNames.TryParse(n, out var sequence, out _) && sequence == 2).Order(StringComparer.Ordinal).ToArray();
        Assert.True(parts.Length >= 4);
        var reader = Restore(folder, chain, 2);
        var id = reader.ImageId;
        var before = File.ReadAllBytes(folder.At("restored"));
        for (var named = 0; named < parts.Length; named++)
        {
            var copy = Copy(folder, chain, $"cut{named}");
            Undo(copy, id, parts.Length, named, old);
            Assert.Equal(1, Restore(folder, copy, 1).Sequence);
            var next = Tidemark.Engine.Operations.Backups.Backup.Run(
                new BackupRequest { Source = SourceLocation.Parse(folder.At("source")), Store = StoreLocation.Parse(copy), SplitSize = Part }, NoObserver.Instance);
            Assert.Equal(2, next.Sequence);
            Assert.DoesNotContain(Names(copy), IsTemporary);
            Assert.Equal(
                next.StoredBytes,
                Names(copy).Where(n => ImageNames.TryParse(n, out var s, out _) && s == 2).Sum(n => new FileInfo(Path.Combine(copy, n)).Length));
            Restore(folder, copy, 2);
            Assert.Equal(before, File.ReadAllBytes(folder.At("restored")));
        }
    }

    [Fact]
    public void Parts_of_another_writer_of_the_same_number_are_in_nobodys_way()
    {
        using var folder = new TempFolder();
        var chain = TwoImages(folder);

        // A full part without a footer, as one leaves that was told at its commit that the number is taken.
        var name = Names(chain).First(n => ImageNames.TryParse(n, out var s, out var p) && s == 2 && p == 1);
        var stranger = Guid.NewGuid();
        var bytes = File.ReadAllBytes(Path.Combine(chain, name));
        Assert.True(PartHeader.TryRead(bytes.AsSpan(0, ImageFormat.HeaderSize), out var header));
        (header with { ImageId = stranger }).Write(bytes);
        var left = Path.Combine(chain, ImageNames.Part(2, 1, stranger));
        File.WriteAllBytes(left, bytes);
        AssertRestores(folder, chain, 2);
        Assert.Equal(3, Backup(folder).Sequence);
        Assert.False(File.Exists(left), "it is still there");
        AssertRestores(folder, chain, 3);
    }

    [Fact]
    public void A_run_that_is_cancelled_leaves_nothing()
    {
        using var folder = new TempFolder();
        var chain = TwoImages(folder);
        var names = Names(chain);
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.Throws<OperationCanceledException>(() => Tidemark.Engine.Operations.Backups.Backup.Run(
            new BackupRequest { Source = SourceLocation.Parse(folder.At("source")), Store = StoreLocation.Parse(folder.At("store")), Kind = BackupKind.Full },
            NoObserver.Instance, cancellation.Token));
        Assert.Equal(names, Names(chain));
    }

    [Fact]
    public void A_second_writer_is_told_that_the_chain_is_busy()
    {
        using var folder = new TempFolder();
        var chain = TwoImages(folder);
        var names = Names(chain);
        using (LocalStoreFolder.Open(chain).TryLock(out _))
        {
            var error = Assert.Throws<TidemarkException>(() => Backup(folder));
            Assert.Equal(TidemarkError.Busy, error.Error);
            Assert.Contains(chain, error.Message, StringComparison.Ordinal);

            // Reading needs no lock.
            AssertRestores(folder, chain, 2);
        }

        Assert.Equal(names, Names(chain));
        Assert.Equal(3, Backup(folder).Sequence);
    }

    [Fact]
    public void Of_many_writers_at_once_each_makes_an_image_or_is_told_busy()
    {
        using var folder = new TempFolder();
        var chain = TwoImages(folder);
        var made = 0;
        Parallel.For(0, 6, _ =>
        {
            try
            {
                Backup(folder);
                Interlocked.Increment(ref made);
            }
            catch (TidemarkException e) when (e.Error == TidemarkError.Busy)
            {
                // The other one holds it.
                Assert.Contains(chain, e.Message, StringComparison.Ordinal);
            }
        });
        Assert.InRange(made, 1, 6);
        Assert.DoesNotContain(Names(chain), IsTemporary);
        AssertRestores(folder, chain, 2 + made);
    }

    /// <summary>
    /// The folder as it was when so many of the second image's parts had their names: the first ones and no head, or, by a
    /// program that named parts when all were written, the last ones.
    /// </summary>
    private static void Undo(string chain, Guid id, int parts, int named, bool old)
    {
        File.Move(Path.Combine(chain, ImageNames.Part(2, 0)), Path.Combine(chain, OldNames.Temporary(2, 0, id)));
        for (var part = 1; part < parts; part++)
        {
            var now = Path.Combine(chain, ImageNames.Part(2, part, id));
            var hasName = old ? part >= parts - named : part <= named;
            File.Move(now, !old && hasName ? now : Path.Combine(chain, hasName ? OldNames.Part(2, part) : OldNames.Temporary(2, part, id)));
        }
    }

    private static bool IsTemporary(string name) => TemporaryName.TryParse(name, out _);

    /// <summary>A chain of a full image and an increment of several parts. Returns its folder.</summary>
    private static string TwoImages(TempFolder folder)
    {
        var content = new byte[3_000_000];
        new Random(5).NextBytes(content);
        File.WriteAllBytes(folder.At("source"), content);
        Backup(folder);
        content.AsSpan(100_000, 300_000).Reverse();
        using (var file = new FileStream(folder.At("source"), FileMode.Open))
        {
            file.Write(content);
        }

        return Backup(folder).Chain;
    }

    private static BackupResult Backup(TempFolder folder) => Tidemark.Engine.Operations.Backups.Backup.Run(
        new BackupRequest { Source = SourceLocation.Parse(folder.At("source")), Store = StoreLocation.Parse(folder.At("store")), SplitSize = Part }, NoObserver.Instance);

    private static RestoreResult Restore(TempFolder folder, string chain, long sequence) => Tidemark.Engine.Operations.Restores.Restore.Run(
        new RestoreRequest { Image = ImageAddress.Parse($"{chain}@{sequence}"), Target = TargetLocation.Parse(folder.At("restored")), Force = true }, NoObserver.Instance);

    private static void AssertRestores(TempFolder folder, string chain, long sequence)
    {
        Assert.Empty(Restore(folder, chain, sequence).Damaged);
        Assert.Equal(File.ReadAllBytes(folder.At("source")), File.ReadAllBytes(folder.At("restored")));
    }

    private static string Copy(TempFolder folder, string chain, string name)
    {
        var copy = folder.Folder(name);
        foreach (var file in Names(chain))
        {
            File.Copy(Path.Combine(chain, file), Path.Combine(copy, file));
        }

        return copy;
    }

    private static string[] Names(string chain) =>
        [.. Directory.EnumerateFiles(chain).Select(f => Path.GetFileName(f)).Where(f => f != StoreNames.LockFile).Order(StringComparer.Ordinal)];
}
