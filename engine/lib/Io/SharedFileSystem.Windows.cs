using TerraFX.Interop.Windows;
using static TerraFX.Interop.Windows.Windows;

namespace Tidemark.Engine.Io;

/// <summary>Whether several machines may have one file system before them, so that locks need not reach them all.</summary>
internal static unsafe class WindowsSharedFileSystem
{
    // The longest path there is, with its end.
    private const int MaxPath = 32_768;

    public static bool Holds(string path)
    {
        var root = new char[MaxPath];
        fixed (char* name = path)
        fixed (char* start = root)
        {
            return !GetVolumePathNameW(name, start, MaxPath) || GetDriveTypeW(start) is DRIVE_REMOTE or DRIVE_UNKNOWN or DRIVE_NO_ROOT_DIR;
        }
    }
}
