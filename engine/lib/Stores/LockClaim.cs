using System.Diagnostics;

namespace Tidemark.Engine.Stores;

/// <summary>
/// The part of a folder's lock that reaches other machines: a <see cref="StoreRegister"/> with the holder's token.
/// </summary>
/// <remarks>
/// Who finds no owner sets itself. A register that compares and sets in one step has decided then. Of any other no more is
/// asked than reads and writes of a few bytes: whoever set itself waits, and holds the lock if it still stands there then: of
/// several that write, the last one does (Fischer's algorithm; Lamport, "A fast mutual exclusion algorithm", 1987). That
/// counts on writes being done within the wait, which no share promises; where making a file exclusively works it isn't
/// needed, and whoever loses the register all the same finds out when it commits (<see cref="IsHeld"/>), which is too late
/// for its run and not for the chain. Committing never replaces an image.
/// </remarks>
internal sealed class LockClaim
{
    // A claim that meets another's release begins anew; whoever loses more often than this is told busy.
    private const int Attempts = 5;

    private readonly StoreRegister register;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private LockOwner owner;
    private bool ended;

    private LockClaim(StoreRegister register, LockOwner owner, TimeProvider time)
    {
        this.register = register;
        this.owner = owner;
        this.time = time;
    }

    /// <summary>Takes the folder, or says who has it; null there means that it can't be told.</summary>
    /// <param name="wait">Waits; tests have clocks of their own.</param>
    public static LockClaim? TryTake(
        StoreRegister register, LockSelf self, Guid token, LockTiming timing, TimeProvider time, Action<TimeSpan> wait, out LockOwner? other)
    {
        other = null;
        var mine = self.Owner(token, time.GetUtcNow());
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var found = register.Read();
            if (found.Value is not null && !MayReplace(register, found, self, timing, wait, out other))
            {
                return null;
            }

            var began = time.GetTimestamp();
            if (!register.TrySet(mine.ToBytes(), found.Version))
            {
                continue;
            }

            if (register.IsExact)
            {
                return new LockClaim(register, mine, time);
            }

            if (timing.Settle > TimeSpan.Zero)
            {
                var took = time.GetElapsedTime(began);
                wait(took * 2 > timing.Settle ? took * 2 : timing.Settle);
            }

            other = Parse(register.Read());
            if (other?.Token == token)
            {
                return new LockClaim(register, mine, time);
            }
        }

        return null;
    }

    /// <summary>Whether an owner gives a sign of life, or goes, within some time.</summary>
    public static bool Lives(StoreRegister register, in RegisterState seen, TimeSpan watch, Action<TimeSpan> wait)
    {
        if (watch > TimeSpan.Zero)
        {
            wait(watch);
        }

        return register.Read().Version != seen.Version;
    }

    /// <summary>Whether the register still names this claim; <paramref name="other"/> is whom it names else.</summary>
    public bool IsHeld(out LockOwner? other)
    {
        lock (gate)
        {
            Debug.Assert(!ended, "a lock is asked for before it is given back");
            other = Parse(register.Read());
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
                var found = register.Read();
                if (Parse(found)?.Token == owner.Token)
                {
                    owner = owner with { Beat = owner.Beat + 1, Seen = time.GetUtcNow() };
                    _ = register.TrySet(owner.ToBytes(), found.Version);
                }
            }
            catch (TidemarkException)
            {
                // A store that fails says so where it matters: at the next write of the image, and at its commit.
                return;
            }
        }
    }

    /// <summary>Gives the folder back. Where that fails, the register names a process that is gone, which the next run sees.</summary>
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
                var found = register.Read();
                if (Parse(found)?.Token == owner.Token)
                {
                    _ = register.TrySet(null, found.Version);
                }
            }
            catch (TidemarkException)
            {
                return;
            }
        }
    }

    private static bool MayReplace(
        StoreRegister register, in RegisterState found, LockSelf self, LockTiming timing, Action<TimeSpan> wait, out LockOwner? other)
    {
        other = Parse(found);
        if (other is null)
        {
            // Being written just now, or what a machine left that died meanwhile.
            return !Lives(register, found, LockTiming.Shared.Settle, wait);
        }

        return self.Judge(other) switch
        {
            OwnerState.Gone => true,
            OwnerState.BeforeStart => !Lives(register, found, timing.Watch, wait),
            _ => false,
        };
    }

    private static LockOwner? Parse(in RegisterState state) => state.Value is null ? null : LockOwner.TryParse(state.Value);
}
