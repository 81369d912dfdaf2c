using Tidemark.Engine;
using Tidemark.Engine.Format;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Tidemark.Interop.Linux;
using Xunit;

namespace Tidemark.Harness.Stores;

/// <summary>
/// File systems that lack a call, in whatever words they say so: a run does without, or fails with a reason and leaves
/// nothing; and what is committed is told.
/// </summary>
[DiffersBySystem]
[Case("3.2")]
public sealed class RefusingStoreTests : IDisposable
{
    /// <summary>What file systems have been seen to answer to a call that they lack, and more.</summary>
    private static readonly int[] errors =
    [
        Errno.EPERM, Errno.ENOENT, Errno.EIO, Errno.EBADF, Errno.EACCES, Errno.EXDEV, Errno.EINVAL, Errno.ENOTTY, Errno.EMLINK,
        Errno.ENOSYS, Errno.EOPNOTSUPP, Errno.ESTALE,
    ];

    private readonly TempFolder place = new("refusing");
    private int runs;

    public RefusingStoreTests()
    {
        OnlyOn.Linux();
        var content = new byte[300_000];
        Seed.Random().NextBytes(content);
        File.WriteAllBytes(place.At("source"), content);
    }

    public static TheoryData<string> Calls => ["renameat2", "link", "rename", "unlink", "fsync", "fdatasync", "flock"];

    public void Dispose() => place.Dispose();

    [Theory]
    [MemberData(nameof(Calls))]
    public void A_call_refused_with_any_error_is_done_without_or_the_run_fails_with_a_reason(string call)
    {
        foreach (var error in errors)
        {
            Try(error, call);
        }
    }

    [Fact]
    public void Without_both_ways_of_a_rename_that_never_replaces_the_folder_is_looked_at()
    {
        foreach (var error in errors)
        {
            Assert.True(Try(error, "renameat2", "link"), $"errno {error}");
            Assert.True(Try(error, "renameat2"), $"errno {error}");
            Assert.True(Try(error, "renameat2", "unlink"), $"errno {error}");
            Assert.True(Try(error, "flock"), $"errno {error}");
        }
    }

    [Fact]
    public void A_rename_that_was_done_and_answered_with_an_error_is_done()
    {
        foreach (var error in errors)
        {
            foreach (var call in new[] { "renameat2", "link", "rename" })
            {
                var calls = new RefusingCalls { Does = true };
                calls.Refused.Add(call, error);
                if (call != "renameat2")
                {
                    calls.Refused.Add("renameat2", Errno.EINVAL);
                }

                Assert.True(Run(calls, split: true).Committed, $"{call}, errno {error}");
            }
        }
    }

    [Fact]
    public void Whatever_the_way_of_a_rename_nothing_is_replaced()
    {
        foreach (var refused in new[] { new[] { "renameat2" }, ["renameat2", "link"], ["link"], [] })
        {
            var calls = new RefusingCalls();
            foreach (var call in refused)
            {
                calls.Refused.Add(call, Errno.EIO);
            }

            var folder = new LinuxStoreFolder(place.Folder($"rename{runs++}")) { Calls = calls };
            StoreContract.Write(folder, "a", [1]);
            using (var late = folder.Create("b"))
            {
                late.Append([3]);
                StoreContract.Write(folder, "b", [2]);
                Assert.Contains("there already", Assert.Throws<TidemarkException>(() => late.Complete()).Message, StringComparison.Ordinal);
            }

            Assert.Equal([1], StoreContract.Read(folder, "a"));
            Assert.Equal([2], StoreContract.Read(folder, "b"));
            Assert.Equal(["a", "b"], folder.List().Select(e => e.Name).Order());
        }
    }

    [Fact]
    public void A_flush_of_a_folder_fails_the_run_only_where_names_may_be_lost_and_what_is_committed_is_told()
    {
        foreach (var error in errors.Concat([Errno.ENOSPC, Errno.EDQUOT, Errno.EROFS]))
        {
            var fails = error is Errno.EIO or Errno.ENOSPC or Errno.EDQUOT or Errno.EROFS;
            for (var flush = 0; flush < 3; flush++)
            {
                // The first flush of an image in parts stands before its last part gets its name, the last behind its commit.
                var from = flush;
                var calls = new RefusingCalls();
                calls.Flushing = number =>
                {
                    if (number == from)
                    {
                        calls.Refused["fsync"] = error;
                    }
                };
                var run = Run(calls, split: true);
                Assert.Equal(!fails || flush == 2, run.Committed);
                Assert.Equal(fails, run.Failure is not null);
                Assert.Equal(fails && flush == 2, run.Failure?.IsCommitted ?? false);
                if (fails && flush == 2)
                {
                    Assert.Contains("000001.tdi", run.Failure!.Message, StringComparison.Ordinal);
                    Assert.Contains("has its name", run.Failure.Message, StringComparison.Ordinal);
                }

                Assert.True(fails || run.Notes.Any(n => n.Contains("flush folders", StringComparison.Ordinal)), $"errno {error}");
            }
        }
    }

    [Theory]
    [InlineData("/proc/self/oom_score_adj", true)]
    [InlineData("/dev/full", false)]
    [InlineData("/dev/null", true)]
    public void An_aligned_direct_write_that_is_refused_goes_through_the_cache_and_others_fail(string direct, bool works)
    {
        if (direct == "/dev/null")
        {
            // Takes all and keeps nothing: what is read back before the commit tells.
            var lost = Run(new RefusingCalls { Direct = direct }, split: false);
            Assert.False(lost.Committed);
            Assert.NotNull(lost.Failure);
            return;
        }

        var run = Run(new RefusingCalls { Direct = direct }, split: false);
        Assert.Equal(works, run.Committed);
        Assert.Equal(works, run.Failure is null);
        if (works)
        {
            Assert.Contains(run.Notes, n => n.Contains("refuses direct transfers", StringComparison.Ordinal));
        }
        else
        {
            Assert.Contains("No space left", run.Failure!.Message, StringComparison.Ordinal);
        }
    }

    private bool Try(int error, params string[] refused)
    {
        var calls = new RefusingCalls();
        foreach (var call in refused)
        {
            calls.Refused.Add(call, error);
        }

        var run = Run(calls, split: error % 2 == 0);
        Assert.True(run.Committed || run.Failure is not null, "neither done nor failed");
        return run.Failure is null;
    }

    /// <summary>Images the source into a folder of its own by these calls, and proves what came of it by the system's.</summary>
    private (bool Committed, TidemarkException? Failure, IReadOnlyList<string> Notes) Run(RefusingCalls calls, bool split)
    {
        var path = place.Folder($"chain{runs++}");
        var folder = new LinuxStoreFolder(path) { Calls = calls, Locking = LockSetup.Real with { Timing = LockTiming.Local } };
        TidemarkException? failure = null;
        IReadOnlyList<string> notes = [];
        try
        {
            var request = new BackupRequest
            {
                Source = SourceLocation.Parse(place.At("source")),
                Store = StoreLocation.Parse(path),
                SplitSize = split ? ImageFormat.MinPartSize : 0,
                QueueDepth = 3,
            };
            using var source = request.Source.Open();
            var result = Backup.Into(
                folder, request, source, null, new RunClock(TimeProvider.System), NoObserver.Instance, TimeProvider.System,
                SystemRandomSource.Instance, 0, default);
            notes = result.Notes;
        }
        catch (TidemarkException e)
        {
            Assert.NotEqual("", e.Message);
            failure = e;
        }

        var committed = File.Exists(Path.Combine(path, "000001.tdi"));
        if (committed)
        {
            var target = place.At("restored");
            Restore.Run(new RestoreRequest { Image = ImageAddress.Parse(path), Target = TargetLocation.Parse(target), Force = true }, NoObserver.Instance);
            Assert.Equal(FileTree.Hash(place.At("source")), FileTree.Hash(target));
        }

        return (committed, failure, notes);
    }
}
