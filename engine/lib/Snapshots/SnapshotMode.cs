namespace Tidemark.Engine.Snapshots;

/// <summary>What is to hold the sources of a backup still.</summary>
public enum SnapshotMode
{
    /// <summary>VSS for a volume of Windows, nothing for everything else.</summary>
    Auto,

    /// <summary>Nothing: what changes while a source is read may not fit together.</summary>
    None,

    /// <summary>The Volume Shadow Copy Service of Windows.</summary>
    Vss,

    /// <summary>Somebody else, for as long as the run takes: a frozen file system, a stopped machine, a snapshot.</summary>
    Held,
}
