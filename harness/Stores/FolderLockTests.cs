using System.Runtime.InteropServices;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Stores;

/// <summary>The system's lock of a folder, where its descriptor isn't the only one.</summary>
[DiffersBySystem]
public partial class FolderLockTests
{
    /// <summary>What a child has of it between fork and exec, and what made a run find itself as another one.</summary>
    [Fact]
    public void A_lock_that_was_given_back_is_free_though_a_copy_of_its_descriptor_is_open()
    {
        OnlyOn.Linux();
        using var folder = new TempFolder("lock");
        var store = LocalStoreFolder.Open(folder.Path);
        var held = store.TryLock(out _);
        Assert.NotNull(held);
        var number = Directory.EnumerateFiles("/proc/self/fd").Single(entry =>
            new FileInfo(entry).LinkTarget is { } target && target.StartsWith(folder.Path, StringComparison.Ordinal)
            && target.EndsWith(StoreNames.LockFile, StringComparison.Ordinal));
        var copy = Duplicate(int.Parse(Path.GetFileName(number), System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(copy >= 0);
        try
        {
            held.Dispose();
            using var again = store.TryLock(out var holder);
            Assert.True(again is not null, $"still held by {holder}");
        }
        finally
        {
            _ = Close(copy);
        }
    }

    /// <summary>Whatever way the system answers in, at once or later, the answer is one: mine, or somebody's.</summary>
    [Case("4.14")]
    [Fact]
    public void Of_many_who_want_a_lock_one_has_it_at_a_time_and_the_others_are_told()
    {
        const int Threads = 4;
        const int Rounds = 50;
        using var place = new TempFolder("lock");
        LocalStoreFolder.Open(place.Path).TryLock(out _)?.Dispose();
        var (inside, most, taken, refused) = (0, 0, 0, 0);
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, _ =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                var folder = LocalStoreFolder.Open(place.Path);
                folder.Locking = LockSetup.Real with { Timing = LockTiming.Local };
                using var held = folder.TryLock(out var holder);
                if (held is null)
                {
                    Interlocked.Increment(ref refused);
                    Assert.NotEqual("", holder);
                    continue;
                }

                var now = Interlocked.Increment(ref inside);
                InterlockedMax(ref most, now);
                Interlocked.Increment(ref taken);
                Thread.Yield();
                Interlocked.Decrement(ref inside);
            }
        });
        Assert.Equal(1, most);
        Assert.True(taken > 0);
        Assert.Equal(Threads * Rounds, taken + refused);
    }

    private static void InterlockedMax(ref int most, int now)
    {
        for (var seen = Volatile.Read(ref most); now > seen; seen = Volatile.Read(ref most))
        {
            if (Interlocked.CompareExchange(ref most, now, seen) == seen)
            {
                return;
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int fd);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
