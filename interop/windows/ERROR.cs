namespace TerraFX.Interop.Windows;

public static class ERROR
{
    public const int ERROR_SUCCESS = 0;
    public const int ERROR_INVALID_FUNCTION = 1;
    public const int ERROR_FILE_NOT_FOUND = 2;
    public const int ERROR_PATH_NOT_FOUND = 3;
    public const int ERROR_ACCESS_DENIED = 5;
    public const int ERROR_NOT_ENOUGH_MEMORY = 8;
    public const int ERROR_INVALID_DRIVE = 15;
    public const int ERROR_NO_MORE_FILES = 18;
    public const int ERROR_WRITE_PROTECT = 19;
    public const int ERROR_NOT_READY = 21;
    public const int ERROR_CRC = 23;
    public const int ERROR_SHARING_VIOLATION = 32;
    public const int ERROR_LOCK_VIOLATION = 33;
    public const int ERROR_HANDLE_EOF = 38;
    public const int ERROR_HANDLE_DISK_FULL = 39;
    public const int ERROR_NOT_SUPPORTED = 50;
    public const int ERROR_FILE_EXISTS = 80;
    public const int ERROR_INVALID_PARAMETER = 87;
    public const int ERROR_CALL_NOT_IMPLEMENTED = 120;
    public const int ERROR_DISK_FULL = 112;
    public const int ERROR_INSUFFICIENT_BUFFER = 122;
    public const int ERROR_INVALID_NAME = 123;
    public const int ERROR_ALREADY_EXISTS = 183;
    public const int ERROR_FILE_TOO_LARGE = 223;
    public const int ERROR_MORE_DATA = 234;
    public const int ERROR_DELETE_PENDING = 303;
    public const int ERROR_FILE_SYSTEM_LIMITATION = 665;
    public const int ERROR_IO_PENDING = 997;
    public const int ERROR_UNRECOGNIZED_VOLUME = 1005;
    public const int ERROR_IO_DEVICE = 1117;
    public const int ERROR_DISK_QUOTA_EXCEEDED = 1295;
    public const int ERROR_FILE_CORRUPT = 1392;
    public const int ERROR_DISK_CORRUPT = 1393;
    public const int ERROR_NO_SYSTEM_RESOURCES = 1450;
    public const int ERROR_WORKING_SET_QUOTA = 1453;
    public const int ERROR_INVALID_USER_BUFFER = 1784;
    public const int ERROR_NOT_ENOUGH_QUOTA = 1816;
}
