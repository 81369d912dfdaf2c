namespace Tidemark.Harness.Simulation;

/// <summary>What goes wrong in a simulation. Up to <see cref="TargetError"/> disks are honest; below it they lie.</summary>
internal enum FaultKind
{
    /// <summary>The store's machine loses power: any subset of what wasn't flushed stays, torn at 512 or 4096 bytes.</summary>
    PowerLoss,

    /// <summary>The process is killed; what it handed to the system stays.</summary>
    Kill,

    /// <summary>A read of the store fails (EIO).</summary>
    ReadError,

    /// <summary>A file of the store ends earlier than it should, this once.</summary>
    ShortRead,

    /// <summary>A write, creation, rename or deletion in the store fails (EIO).</summary>
    WriteError,

    /// <summary>The store is full; of a write some sectors may have got through.</summary>
    NoSpace,

    /// <summary>A flush of a file or folder fails.</summary>
    FailingFlush,

    /// <summary>All calls to the store fail from here on, as when a disk is pulled out.</summary>
    StoreGone,

    /// <summary>The user interrupts the run.</summary>
    Cancel,

    /// <summary>The clock jumps by up to thirty years, in either direction.</summary>
    ClockJump,

    /// <summary>A transfer takes hours.</summary>
    Latency,

    /// <summary>Sectors of the source can't be read during this run.</summary>
    SourceError,

    /// <summary>One read of the source fails, and the next one doesn't.</summary>
    SourceTransient,

    /// <summary>The source ends earlier than it did when the run began.</summary>
    SourceShort,

    /// <summary>The source goes away for the rest of the run, with a word of it or with the error of a bad sector.</summary>
    SourceGone,

    /// <summary>A write of a restore's target fails.</summary>
    TargetError,

    /// <summary>A flush of a file or folder says that it is done and isn't.</summary>
    LyingFlush,

    /// <summary>A write to the store lands elsewhere: in its own file, or in another one.</summary>
    MisdirectedWrite,

    /// <summary>Instead of a write the one before it is carried out once more, at the new place.</summary>
    RepeatedWrite,
}
