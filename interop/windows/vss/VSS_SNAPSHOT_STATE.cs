namespace Tidemark.Interop.Windows;

public enum VSS_SNAPSHOT_STATE
{
    VSS_SS_UNKNOWN = 0,
    VSS_SS_CREATED = 12,
}
