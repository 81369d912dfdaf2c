using System.Diagnostics;

namespace Tidemark.Harness.Simulation;

/// <summary>One fault of one operation.</summary>
/// <param name="At">The calls that the fault could strike are counted from 0; this one is struck, if the operation has as many.</param>
/// <param name="Draw">Everything else about it.</param>
internal sealed record Fault(FaultKind Kind, int At, int Draw)
{
    /// <summary>Whether it strikes all later calls of the operation as well.</summary>
    public bool IsSticky => Kind switch
    {
        FaultKind.StoreGone => true,
        FaultKind.ReadError or FaultKind.WriteError or FaultKind.NoSpace or FaultKind.TargetError => Draw % 3 == 0,
        _ => false,
    };

    /// <summary>Whether the run's process doesn't outlive it.</summary>
    public bool IsCrash => Kind is FaultKind.PowerLoss or FaultKind.Kill;

    /// <summary>Whether a call is one that the fault could strike.</summary>
    public bool Strikes(IoKind call) => Kind switch
    {
        FaultKind.PowerLoss or FaultKind.Kill or FaultKind.Cancel or FaultKind.ClockJump or FaultKind.Latency => true,
        FaultKind.StoreGone => call < IoKind.SourceRead,
        FaultKind.ReadError => call is IoKind.List or IoKind.Open or IoKind.Read or IoKind.Lock,
        FaultKind.ShortRead => call == IoKind.Read,
        FaultKind.WriteError => call is IoKind.CreateFolder or IoKind.Create or IoKind.Write or IoKind.Rename or IoKind.Delete,
        FaultKind.NoSpace => call is IoKind.CreateFolder or IoKind.Create or IoKind.Write or IoKind.FlushFile or IoKind.Rename,
        FaultKind.FailingFlush or FaultKind.LyingFlush => call is IoKind.FlushFile or IoKind.FlushFolder,
        FaultKind.MisdirectedWrite or FaultKind.RepeatedWrite => call == IoKind.Write,
        FaultKind.SourceError or FaultKind.SourceTransient or FaultKind.SourceShort or FaultKind.SourceGone => call == IoKind.SourceRead,
        FaultKind.TargetError => call is IoKind.TargetWrite or IoKind.TargetFlush,
        _ => throw new UnreachableException(),
    };
}
