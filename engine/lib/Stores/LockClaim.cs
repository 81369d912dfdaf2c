using System.Diagnostics;

namespace Tidemark.Engine.Stores;

/// <summary>
/// The part of a folder's lock that reaches other machines: an <see cref="OwnerFile"/> with the holder's token, for
/// stores on which the system's own locks don't (NFS and SMB without locks, FUSE).
/// </summary>
/// <remarks>
/// It needs no more of a share than reads and writes of a small file. Who finds no owner writes itself, waits, and holds
/// the lock if it still stands there then: of several that write, the last one does (Fischer's algorithm; Lamport, "A fast
/// mutual exclusion algorithm", 1987). That counts on writes being done within the wait, which no share promises; where
/// making a file exclusively works it isn't needed, and whoever loses the file all the same finds out when it commits
/// (<see cref="IsHeld"/>), which is too late for its run and not for the chain. Committing never replaces an image.
/// </remarks>
internal sealed class LockClaim
{
    // A claim that meets another's release begins anew; whoever loses more often than this is told busy.
    private const int Attempts = 5;

    private readonly OwnerFile file;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private LockOwner owner;
    private bool ended;

    private LockClaim(OwnerFile file, LockOwner owner, TimeProvider time)
    {
        this.file = file;
        this.owner = owner;
        this.time = time;
    }

    /// <summary>Takes the folder, or says who has it; null there means that it can't be told.</summary>
    /// <param name="wait">Waits; tests have clocks of their own.</param>
    public static LockClaim? TryTake(
        OwnerFile file, LockSelf self, Guid token, LockTiming timing, TimeProvider time, Action<TimeSpan> wait, out LockOwner? other)
    {
        other = null;
        var mine = self.Owner(token, time.GetUtcNow());
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var began = time.GetTimestamp();
            var found = file.Read();
            if (found is null)
            {
                if (!file.TryCreate(mine.ToBytes()))
                {
                    continue;
                }
            }
            else
            {
                if (!MayReplace(file, found, self, timing, wait, out other))
                {
                    return null;
                }

                began = time.GetTimestamp();
                if (!file.TryWrite(mine.ToBytes()))
                {
                    continue;
                }
            }

            if (timing.Settle > TimeSpan.Zero)
            {
                var took = time.GetElapsedTime(began);
                wait(took * 2 > timing.Settle ? took * 2 : timing.Settle);
            }

            other = Parse(file.Read());
            if (other?.Token == token)
            {
                return new LockClaim(file, mine, time);
            }
        }

        return null;
    }

    /// <summary>Whether an owner gives a sign of life, or goes, within some time.</summary>
    public static bool Lives(OwnerFile file, byte[] seen, TimeSpan watch, Action<TimeSpan> wait)
    {
        if (watch > TimeSpan.Zero)
        {
            wait(watch);
        }

        return file.Read() is not { } after || !after.AsSpan().SequenceEqual(seen);
    }

    /// <summary>Whether the file still names this claim; <paramref name="other"/> is whom it names else.</summary>
    public bool IsHeld(out LockOwner? other)
    {
        lock (gate)
        {
            Debug.Assert(!ended, "a lock is asked for before it is given back");
            other = Parse(file.Read());
            return other?.Token == owner.Token;
        }
    }

    /// <summary>A sign of life. What can't be written now will be the next time.</summary>
    public void Beat()
    {
        lock (gate)
        {
            if (ended)
            {
                return;
            }

            try
            {
                if (Parse(file.Read())?.Token == owner.Token)
                {
                    owner = owner with { Beat = owner.Beat + 1, Seen = time.GetUtcNow() };
                    _ = file.TryWrite(owner.ToBytes());
                }
            }
            catch (TidemarkException)
            {
                // A store that fails says so where it matters: at the next write of the image, and at its commit.
                return;
            }
        }
    }

    /// <summary>Gives the folder back. Where that fails, the file names a process that is gone, which the next run sees.</summary>
    public void End()
    {
        lock (gate)
        {
            if (ended)
            {
                return;
            }

            ended = true;
            try
            {
                if (Parse(file.Read())?.Token == owner.Token)
                {
                    file.Delete();
                }
            }
            catch (TidemarkException)
            {
                return;
            }
        }
    }

    private static bool MayReplace(
        OwnerFile file, byte[] found, LockSelf self, LockTiming timing, Action<TimeSpan> wait, out LockOwner? other)
    {
        other = Parse(found);
        if (other is null)
        {
            // Being written just now, or what a machine left that died meanwhile.
            return !Lives(file, found, LockTiming.Shared.Settle, wait);
        }

        return self.Judge(other) switch
        {
            OwnerState.Gone => true,
            OwnerState.BeforeStart => !Lives(file, found, timing.Watch, wait),
            _ => false,
        };
    }

    private static LockOwner? Parse(byte[]? content) => content is null ? null : LockOwner.TryParse(content);
}
