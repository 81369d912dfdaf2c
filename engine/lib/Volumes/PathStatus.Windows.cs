using TerraFX.Interop.Windows;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Volumes;

internal readonly partial record struct PathStatus
{
    /// <summary>FILETIME counts 100 ns from 1601; so many lie before 1970.</summary>
    private const long FileTimeOfUnixEpoch = 116_444_736_000_000_000;

    private const int NanosecondsPerFileTime = 100;

    private static PathStatus? TryOfWindows(string path)
    {
        var place = WindowsPlace.Parse(path);
        if (place.IsDevice)
        {
            using var device = DeviceQuery.Open(place.Device);

            // Which device it is, DriveTable knows; numbers that hold for all kinds of them Windows doesn't give.
            return device.IsInvalid ? null : new PathStatus(PathKind.BlockDevice, default, null, null);
        }

        if (path.Contains('\0', StringComparison.Ordinal))
        {
            return null;
        }

        // With backup semantics folders are opened too.
        using var file = WindowsFileCalls.Open(
            WindowsPath.OfFile(path), 0, OPEN.OPEN_EXISTING, FILE.FILE_FLAG_BACKUP_SEMANTICS | FILE.FILE_FLAG_OVERLAPPED, out _);
        if (file.IsInvalid || WindowsFileCalls.Stat(file, out var info) != 0)
        {
            return null;
        }

        var kind = (info.dwFileAttributes & FILE.FILE_ATTRIBUTE_DIRECTORY) != 0 ? PathKind.Folder : PathKind.File;
        var created = ((long)info.ftCreationTime.dwHighDateTime << 32) | info.ftCreationTime.dwLowDateTime;
        return new PathStatus(
            kind, WindowsFileIdentity.OfFile(file),
            created == 0 ? null : (Int128)(created - FileTimeOfUnixEpoch) * NanosecondsPerFileTime, null);
    }
}
