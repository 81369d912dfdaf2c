using Tidemark.Engine;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Locks;

/// <summary>
/// Real backups of two machines at one folder that has no locks of the system. The protocol counts on real time here, so that nothing
/// else runs meanwhile.
/// </summary>
[DiffersBySystem]
[Collection(RunsAlone.Name)]
public sealed class TwoMachineTests : IDisposable
{
    private static readonly LockTiming Timing = LockTiming.Shared with { Settle = TimeSpan.FromMilliseconds(50) };

    private readonly TempFolder place = new("locks");
    private readonly string chain;

    public TwoMachineTests()
    {
        var content = new byte[2_000_000];
        new Random(7).NextBytes(content);
        File.WriteAllBytes(place.At("source"), content);
        FolderStore.Open(place.At("store"), create: true).CreateFolder("chain");
        chain = place.At("store", "chain");
    }

    public void Dispose() => place.Dispose();

    [Fact]
    public void The_second_machine_is_told_who_holds_the_chain_and_what_to_do()
    {
        using (Machine("one").TryLock(out _))
        {
            var e = Assert.Throws<TidemarkException>(() => Backup(Machine("two")));
            Assert.Equal(TidemarkError.Busy, e.Error);
            Assert.Contains("host one", e.Message, StringComparison.Ordinal);
            Assert.Contains("since 20", e.Message, StringComparison.Ordinal);
            Assert.Contains($"tidemark unlock {chain}", e.Message, StringComparison.Ordinal);
            Assert.Equal(["tidemark.owner"], Names());
        }

        Assert.Equal(1, Backup(Machine("two")).Sequence);
        Assert.Equal(["000001.tdi"], Names());
    }

    [Fact]
    public void A_machine_whose_lock_was_taken_away_commits_nothing_and_the_chain_stays_whole()
    {
        var one = Machine("one");
        var lost = new Interrupting(() =>
        {
            // In the midst of the first machine's run: the second's user is sure that it is over, and it isn't.
            Machine("two").BreakLock(TimeSpan.Zero, _ => { });
            Assert.Equal(1, Backup(Machine("two")).Sequence);
        });
        var e = Assert.Throws<TidemarkException>(() => Backup(one, lost));
        Assert.True(e.Error == TidemarkError.Busy, e.ToString());
        Assert.Contains("no longer holds", e.Message, StringComparison.Ordinal);
        Assert.Equal(["000001.tdi"], Names());
        Assert.Equal(2, Backup(one).Sequence);
        Restore.Run(new RestoreRequest { Image = ImageAddress.Parse($"{chain}@1"), Target = TargetLocation.Parse(place.At("restored")) }, NoObserver.Instance);
        Assert.Equal(File.ReadAllBytes(place.At("source")), File.ReadAllBytes(place.At("restored")));
    }

    [Fact]
    public void An_image_is_never_replaced_though_both_believe_to_hold_the_chain()
    {
        // No owner's file can tell: each machine has one of its own, as on a share that shows each its own cache.
        byte[]? first = null;
        var both = new Interrupting(() =>
        {
            var theirs = File.ReadAllBytes(Path.Combine(chain, StoreNames.OwnerFile));
            File.Delete(Path.Combine(chain, StoreNames.OwnerFile));
            var hidden = Directory.GetFiles(chain, "*.tmp");
            Assert.NotEmpty(hidden);
            foreach (var file in hidden)
            {
                File.Move(file, file + ".hidden");
            }

            Assert.Equal(1, Backup(Machine("two")).Sequence);
            foreach (var file in hidden)
            {
                File.Move(file + ".hidden", file);
            }

            first = File.ReadAllBytes(Path.Combine(chain, "000001.tdi"));
            File.WriteAllBytes(Path.Combine(chain, StoreNames.OwnerFile), theirs);
        });
        var e = Assert.Throws<TidemarkException>(() => Backup(Machine("one"), both));
        Assert.Contains("there already", e.Message, StringComparison.Ordinal);
        Assert.Equal(["000001.tdi"], Names());
        Assert.Equal(first, File.ReadAllBytes(Path.Combine(chain, "000001.tdi")));
    }

    [Fact]
    public void An_owner_that_gives_signs_of_life_keeps_its_lock_and_a_silent_one_loses_it()
    {
        var one = Machine("one");
        var beating = one.Locking with { Timing = Timing with { Beat = TimeSpan.FromMilliseconds(20) } };
        one.Locking = beating;
        using (one.TryLock(out _))
        {
            var e = Assert.Throws<TidemarkException>(() => Machine("two").BreakLock(TimeSpan.FromMilliseconds(500), UntilItBeats));
            Assert.Equal(TidemarkError.Busy, e.Error);
            Assert.Contains("alive", e.Message, StringComparison.Ordinal);
        }

        Assert.Null(Machine("two").BreakLock(TimeSpan.Zero, _ => { }));
        using (Machine("one").TryLock(out _))
        {
            Assert.Contains("host one", Machine("two").BreakLock(TimeSpan.FromMilliseconds(50), Thread.Sleep), StringComparison.Ordinal);
        }

        Assert.Empty(Names());
    }

    [Fact]
    public void Processes_of_one_machine_are_kept_apart_where_the_system_has_no_locks()
    {
        using (Machine("one").TryLock(out _))
        {
            Assert.Null(Machine("one").TryLock(out var holder));
            Assert.Contains($"process {Environment.ProcessId}", holder, StringComparison.Ordinal);
            Assert.DoesNotContain("unlock", holder, StringComparison.Ordinal);
            Assert.Equal(TidemarkError.Busy, Assert.Throws<TidemarkException>(
                () => Machine("one").BreakLock(TimeSpan.Zero, _ => { })).Error);
        }

        var dead = Machine("one");
        dead.Locking = dead.Locking with { Self = dead.Locking.Self with { Process = int.MaxValue - 1 } };
        Assert.NotNull(dead.TryLock(out _));
        using var next = Machine("one").TryLock(out _);
        Assert.NotNull(next);
    }

    // However slow this machine is, the owner has given a sign of life when the time of a watcher is up.
    private void UntilItBeats(TimeSpan time)
    {
        var before = Owner();
        Assert.True(SpinWait.SpinUntil(() => Owner() != before, Patience.Limit), "It gives no sign of life.");
    }

    private string Owner()
    {
        using var file = new FileStream(
            Path.Combine(chain, StoreNames.OwnerFile), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    private LocalStoreFolder Machine(string name)
    {
        var folder = LocalStoreFolder.Open(chain);
        var self = LockSelf.Current with { Machine = LockSelf.Hash(name, name), Host = name };
        folder.Locking = new LockSetup(self, Timing, SystemLocks: false, TimeProvider.System, Thread.Sleep);
        return folder;
    }

    private BackupResult Backup(LocalStoreFolder folder, IRunObserver? observer = null)
    {
        var request = new BackupRequest { Source = SourceLocation.Parse(place.At("source")), Store = StoreLocation.Parse(folder.Name) };
        using var source = request.Source.Open();
        return Tidemark.Engine.Operations.Backups.Backup.Into(
            folder, request, source, null, new RunClock(TimeProvider.System), observer ?? NoObserver.Instance, TimeProvider.System,
            SystemRandomSource.Instance, null, TestContext.Current.CancellationToken);
    }

    private string[] Names() => [.. Directory.GetFiles(chain).Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    /// <summary>Does something once, when the run has begun.</summary>
    private sealed class Interrupting(Action action) : IRunObserver
    {
        private bool done;

        public void Progress(in RunProgress progress)
        {
            if (!done)
            {
                done = true;
                action();
            }
        }

        public void Warn(string message)
        {
        }
    }
}
