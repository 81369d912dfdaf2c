namespace TerraFX.Interop.Windows;

public static class FILE
{
    public const int FILE_LIST_DIRECTORY = 0x0001;
    public const int FILE_ADD_FILE = 0x0002;
    public const int FILE_READ_ATTRIBUTES = 0x0080;
    public const int FILE_SHARE_READ = 0x00000001;
    public const int FILE_SHARE_WRITE = 0x00000002;
    public const int FILE_SHARE_DELETE = 0x00000004;
    public const int FILE_ATTRIBUTE_DIRECTORY = 0x00000010;
    public const int FILE_ATTRIBUTE_SPARSE_FILE = 0x00000200;
    public const int FILE_ATTRIBUTE_REPARSE_POINT = 0x00000400;
    public const int FILE_FLAG_OVERLAPPED = 0x40000000;
    public const int FILE_FLAG_NO_BUFFERING = 0x20000000;
    public const int FILE_FLAG_BACKUP_SEMANTICS = 0x02000000;
    public const int FILE_FLAG_OPEN_REPARSE_POINT = 0x00200000;
    public const int FILE_TYPE_DISK = 0x0001;
    public const int FILE_DISPOSITION_FLAG_DELETE = 0x00000001;
    public const int FILE_DISPOSITION_FLAG_POSIX_SEMANTICS = 0x00000002;
    public const int FILE_DEVICE_DISK = 0x00000007;
}
