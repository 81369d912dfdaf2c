namespace Tidemark.Engine.Snapshots;

/// <summary>What VSS tells the applications (its writers) of a backup.</summary>
public enum VssBackupType
{
    /// <summary>A copy on the side: applications change nothing of their own records, so that it disturbs no other backup.</summary>
    Copy,

    /// <summary>
    /// A full backup: applications take note of it, so that SQL Server for example makes it the base of its differential
    /// backups. For who has no other backup of these applications.
    /// </summary>
    Full,
}
