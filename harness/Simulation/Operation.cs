namespace Tidemark.Harness.Simulation;

/// <summary>What somebody does in a history.</summary>
internal enum OperationKind
{
    /// <summary>Writes noise, zeros or a copy into a source, trims it, or changes its length.</summary>
    Change,

    /// <summary>Makes an image.</summary>
    Backup,

    /// <summary>Verifies one chain.</summary>
    Verify,

    /// <summary>Restores a point in time onto a disk full of other content.</summary>
    Restore,

    /// <summary>Restores a point in time onto what the last restore left, writing only what differs, or going on with it.</summary>
    RestoreDelta,

    /// <summary>Tells what differs between two points in time.</summary>
    Diff,

    /// <summary>Changes the key of an encrypted chain.</summary>
    ChangeKey,

    /// <summary>Gives a chain's folder another name.</summary>
    Move,

    /// <summary>Copies a chain; both copies are continued.</summary>
    Fork,

    /// <summary>Two runs of two machines on the store at once.</summary>
    Together,
}

/// <summary>
/// One operation as plain data: numbers that every state of the world gives a meaning, so that a history stays valid
/// whatever is taken out of it or made smaller.
/// </summary>
/// <param name="Place">Which chain or source, and where in it; taken modulo what there is.</param>
/// <param name="Size">How much, or which variant.</param>
/// <param name="Draw">Content and order.</param>
/// <param name="Fault">What goes wrong meanwhile; null for nothing.</param>
internal sealed record Operation(OperationKind Kind, int Place, int Size, int Draw, Fault? Fault);
