using System.Runtime.InteropServices;
using VSS_ID = System.Guid;

namespace Tidemark.Interop.Windows;

/// <summary>What VSS tells of a snapshot; its strings are freed by VssFreeSnapshotPropertiesInternal.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct VSS_SNAPSHOT_PROP
{
    public VSS_ID m_SnapshotId;
    public VSS_ID m_SnapshotSetId;
    public int m_lSnapshotsCount;
    public char* m_pwszSnapshotDeviceObject;
    public char* m_pwszOriginalVolumeName;
    public char* m_pwszOriginatingMachine;
    public char* m_pwszServiceMachine;
    public char* m_pwszExposedName;
    public char* m_pwszExposedPath;
    public VSS_ID m_ProviderId;
    public int m_lSnapshotAttributes;

    /// <summary>100 ns since 1601, UTC.</summary>
    public long m_tsCreationTimestamp;

    public VSS_SNAPSHOT_STATE m_eStatus;
}
