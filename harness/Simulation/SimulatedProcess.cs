using System.Globalization;
using Tidemark.Engine;
using Tidemark.Engine.Stores;

namespace Tidemark.Harness.Simulation;

/// <summary>
/// A run of the engine somewhere: every call that it makes to the outside comes by here, is counted, and may be struck
/// by the operation's fault.
/// </summary>
internal sealed class SimulatedProcess(SimulatedDisk disk, SimulatedTime time, Tally tally, Fault? fault) : IDisposable
{
    private readonly CancellationTokenSource cancellation = new();
    private readonly int born = disk.PowerLosses;
    private int seen;
    private bool killed;

    /// <summary>
    /// It as an owner of folders. The system's lock is taken before the register is looked at, so whoever is named there by a
    /// process of this machine is gone.
    /// </summary>
    public LockSelf Self { get; } = new(
        LockSelf.Hash("simulated", "host"), "host", string.Create(CultureInfo.InvariantCulture, $"start {disk.PowerLosses}"), "space", disk.NextProcess(), 1)
    {
        Lives = (_, _) => false,
    };

    /// <summary>Where several runs take turns; null for a run alone.</summary>
    public Turns? Turns { get; set; }

    public SimulatedDisk Disk => disk;

    public SimulatedTime Time => time;

    public CancellationToken Cancellation => cancellation.Token;

    /// <summary>How often the fault struck.</summary>
    public int Struck { get; private set; }

    public bool IsDead => killed || disk.PowerLosses != born;

    /// <summary>What the struck call shall do with it.</summary>
    public Random Draw => new(fault!.Draw);

    /// <summary>Announces a call; null, or the fault that the caller has to carry out.</summary>
    /// <param name="what">The file or folder, for messages.</param>
    public FaultKind? Call(IoKind call, string what)
    {
        Turns?.Next();
        if (IsDead)
        {
            throw new SimulatedCrash();
        }

        time.Pass(TimeSpan.FromMilliseconds(1));
        tally.Count(call);
        disk.Log(call);
        if (fault is null || !fault.Strikes(call) || (seen++ != fault.At && !(fault.IsSticky && seen > fault.At)))
        {
            return null;
        }

        Struck++;
        tally.Count(fault.Kind);
        return Strike(call, what);
    }

    public void Dispose()
    {
        disk.ReleaseLocks(this);
        cancellation.Dispose();
    }

    private FaultKind? Strike(IoKind call, string what)
    {
        switch (fault!.Kind)
        {
            case FaultKind.PowerLoss:
                disk.LosePower(Draw);
                throw new SimulatedCrash();
            case FaultKind.Kill:
                killed = true;
                throw new SimulatedCrash();
            case FaultKind.Cancel:
                cancellation.Cancel();
                return null;
            case FaultKind.ClockJump:
                time.Jump(TimeSpan.FromSeconds(Draw.Next(-1_000_000_000, 1_000_000_000)));
                return null;
            case FaultKind.Latency:
                time.Pass(TimeSpan.FromSeconds(Draw.Next(1, 20_000)));
                return null;
            case FaultKind.ReadError:
            case FaultKind.WriteError when call != IoKind.Write:
                throw SimulatedError.Eio(call, what);
            case FaultKind.NoSpace when call != IoKind.Write:
                throw SimulatedError.Enospc(call, what);
            case FaultKind.FailingFlush:
                throw fault.Draw % 2 == 0 ? SimulatedError.Eio(call, what) : SimulatedError.Enospc(call, what);
            case FaultKind.StoreGone when call != IoKind.Write:
                throw (fault.Draw % 4) switch
                {
                    0 => SimulatedError.Eio(call, what),
                    1 => TidemarkException.WrongUse($"There is no folder {what}. Check the path."),
                    2 => TidemarkException.Damaged($"Could not {call} {what}: No such file or directory. Check the store."),
                    _ => TidemarkException.Failed($"Could not {call} {what}: Transport endpoint is not connected. Check the store."),
                };
            default:
                return fault.Kind;
        }
    }
}

/// <summary>Errors of a simulated store, of the kinds that a local folder's errors have.</summary>
internal static class SimulatedError
{
    public const int EioNumber = 5;

    public const int EnospcNumber = 28;

    public static TidemarkException Eio(IoKind call, string what) =>
        TidemarkException.Damaged(string.Create(CultureInfo.InvariantCulture, $"Could not {call} {what}: Input/output error. The medium fails."));

    public static TidemarkException Enospc(IoKind call, string what) =>
        TidemarkException.Failed(string.Create(CultureInfo.InvariantCulture, $"Could not {call} {what}: No space left on device. Make room."));
}
