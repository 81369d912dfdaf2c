using System.Runtime.InteropServices;

namespace TerraFX.Interop.Windows;

public static unsafe partial class Windows
{
    [DllImport("kernel32", ExactSpelling = true)]
    public static extern HANDLE ReOpenFile(HANDLE hOriginalFile, uint dwDesiredAccess, uint dwShareMode, uint dwFlagsAndAttributes);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL GetFileInformationByHandleEx(HANDLE hFile, FILE_INFO_BY_HANDLE_CLASS FileInformationClass, void* lpFileInformation, uint dwBufferSize);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL MoveFileExW(char* lpExistingFileName, char* lpNewFileName, uint dwFlags);

    public const int DRIVE_UNKNOWN = 0;
    public const int DRIVE_NO_ROOT_DIR = 1;
    public const int DRIVE_REMOVABLE = 2;
    public const int DRIVE_REMOTE = 4;
    public const int DRIVE_CDROM = 5;
    public const uint INFINITE = 0xFFFFFFFF;
    public const int MOVEFILE_WRITE_THROUGH = 0x00000008;
}
