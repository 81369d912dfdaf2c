namespace Tidemark.Interop.Windows;

public enum VSS_SNAPSHOT_CONTEXT
{
    VSS_CTX_BACKUP = 0,
}
