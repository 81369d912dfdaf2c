namespace Tidemark.Interop.Windows;

public enum VSS_OBJECT_TYPE
{
    VSS_OBJECT_SNAPSHOT_SET = 2,
    VSS_OBJECT_SNAPSHOT = 3,
}
