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
        File.WriteAllBytes(Path.Combine(chain, ImageNames.Temporary(3, 0, id)), new byte[5000]);
        File.WriteAllBytes(Path.Combine(chain, ImageNames.Temporary(3, 1, id)), []);
        File.WriteAllText(Path.Combine(chain, "notes.txt"), "not Tidemark's");
        var result = Backup(folder);
        Assert.Equal(3, result.Sequence);
        Assert.DoesNotContain(Names(chain), ImageNames.IsTemporary);
        Assert.True(File.Exists(Path.Combine(chain, "notes.txt")));
        AssertRestores(folder, chain, 3);
    }

    [Fact]
    public void Every_step_of_a_commit_that_was_cut_off_leaves_the_old_tip_and_then_a_clean_chain()
    {
        using var folder = new TempFolder();
        var chain = TwoImages(folder);
        var parts = Names(chain).Where(n => ImageNames.TryParse(n, out var sequence, out _) && sequence == 2).ToArray();
        Assert.True(parts.Length >= 4);
        var reader = Restore(folder, chain, 2);
        var id = reader.ImageId;
        var before = File.ReadAllBytes(folder.At("restored"));

        // The last part is renamed first: after each rename but the last, the image isn't there.
        for (var renamed = 0; renamed < parts.Length; renamed++)
        {
            var copy = Copy(folder, chain, $"cut{renamed}");
            for (var part = 0; part < parts.Length - renamed; part++)
            {
                File.Move(Path.Combine(copy, ImageNames.Part(2, part)), Path.Combine(copy, ImageNames.Temporary(2, part, id)));
            }

            Assert.Equal(1, Restore(folder, copy, 1).Sequence);
            var next = Tidemark.Engine.Operations.Backups.Backup.Run(
                new BackupRequest { Source = SourceLocation.Parse(folder.At("source")), Store = StoreLocation.Parse(copy), SplitSize = Part }, NoObserver.Instance);
            Assert.Equal(2, next.Sequence);
            Assert.DoesNotContain(Names(copy), ImageNames.IsTemporary);
            Assert.Equal(
                next.StoredBytes,
                Names(copy).Where(n => ImageNames.TryParse(n, out var s, out _) && s == 2).Sum(n => new FileInfo(Path.Combine(copy, n)).Length));
            Restore(folder, copy, 2);
            Assert.Equal(before, File.ReadAllBytes(folder.At("restored")));
        }
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
        Assert.DoesNotContain(Names(chain), ImageNames.IsTemporary);
        AssertRestores(folder, chain, 2 + made);
    }

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
