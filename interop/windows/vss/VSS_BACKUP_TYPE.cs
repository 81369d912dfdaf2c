namespace Tidemark.Interop.Windows;

public enum VSS_BACKUP_TYPE
{
    VSS_BT_FULL = 1,
    VSS_BT_COPY = 5,
}
