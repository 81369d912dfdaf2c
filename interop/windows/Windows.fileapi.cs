using System.Runtime.InteropServices;

namespace TerraFX.Interop.Windows;

public static unsafe partial class Windows
{
    [DllImport("kernel32", ExactSpelling = true)]
    public static extern HANDLE CreateFileW(char* lpFileName, uint dwDesiredAccess, uint dwShareMode, SECURITY_ATTRIBUTES* lpSecurityAttributes, uint dwCreationDisposition, uint dwFlagsAndAttributes, HANDLE hTemplateFile);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL ReadFile(HANDLE hFile, void* lpBuffer, uint nNumberOfBytesToRead, uint* lpNumberOfBytesRead, OVERLAPPED* lpOverlapped);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL WriteFile(HANDLE hFile, void* lpBuffer, uint nNumberOfBytesToWrite, uint* lpNumberOfBytesWritten, OVERLAPPED* lpOverlapped);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL FlushFileBuffers(HANDLE hFile);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL GetFileSizeEx(HANDLE hFile, LARGE_INTEGER* lpFileSize);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern uint GetFileType(HANDLE hFile);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL GetFileInformationByHandle(HANDLE hFile, BY_HANDLE_FILE_INFORMATION* lpFileInformation);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL SetFileInformationByHandle(HANDLE hFile, FILE_INFO_BY_HANDLE_CLASS FileInformationClass, void* lpFileInformation, uint dwBufferSize);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL LockFileEx(HANDLE hFile, uint dwFlags, uint dwReserved, uint nNumberOfBytesToLockLow, uint nNumberOfBytesToLockHigh, OVERLAPPED* lpOverlapped);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL CreateDirectoryW(char* lpPathName, SECURITY_ATTRIBUTES* lpSecurityAttributes);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL GetVolumePathNameW(char* lpszFileName, char* lpszVolumePathName, uint cchBufferLength);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL GetVolumeNameForVolumeMountPointW(char* lpszVolumeMountPoint, char* lpszVolumeName, uint cchBufferLength);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern HANDLE FindFirstVolumeW(char* lpszVolumeName, uint cchBufferLength);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL FindNextVolumeW(HANDLE hFindVolume, char* lpszVolumeName, uint cchBufferLength);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL FindVolumeClose(HANDLE hFindVolume);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern uint QueryDosDeviceW(char* lpDeviceName, char* lpTargetPath, uint ucchMax);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL GetVolumePathNamesForVolumeNameW(char* lpszVolumeName, char* lpszVolumePathNames, uint cchBufferLength, uint* lpcchReturnLength);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern BOOL GetVolumeInformationW(char* lpRootPathName, char* lpVolumeNameBuffer, uint nVolumeNameSize, uint* lpVolumeSerialNumber, uint* lpMaximumComponentLength, uint* lpFileSystemFlags, char* lpFileSystemNameBuffer, uint nFileSystemNameSize);

    [DllImport("kernel32", ExactSpelling = true)]
    public static extern uint GetDriveTypeW(char* lpRootPathName);
}
