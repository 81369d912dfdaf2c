namespace Tidemark.Engine.Volumes;

/// <summary>
/// Keeps files and folders out of where Linux has its device files: a mistyped device's name would become a file in memory, and
/// whatever was written there be gone at the next start.
/// </summary>
internal static class DeviceFolder
{
    private const string Devices = "/dev";

    /// <summary>Shared memory, where files belong; mostly a mount of its own.</summary>
    private const string SharedMemory = "/dev/shm";

    /// <summary>File systems in which the kernel shows itself, and nobody makes files.</summary>
    private static readonly string[] Kernels =
        ["bpf", "cgroup", "cgroup2", "configfs", "debugfs", "devpts", "efivarfs", "mqueue", "proc", "pstore", "securityfs", "sysfs", "tracefs"];

    /// <summary>Refuses a place among device files, or among the kernel's own.</summary>
    /// <param name="path">As the user gave it.</param>
    /// <param name="real">Where it leads.</param>
    /// <param name="exists">Whether a file or folder is there.</param>
    /// <exception cref="TidemarkException">It lies there.</exception>
    public static void RequireOutside(string path, RealPath real, bool exists)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var mounts = MountTable.Load();
        if (mounts.MountOf(real.Path) is { } mount && Kernels.Contains(mount.FileSystem))
        {
            throw TidemarkException.WrongUse($"{path} lies in {mount.FileSystem}, where the kernel shows itself and no files can be made. Give another place.");
        }

        if (Holds(mounts, real.Path))
        {
            const string Lost = "what is made there lies in memory and is gone with the next start";
            throw TidemarkException.WrongUse(exists
                ? $"{path} is no device and lies among device files: {Lost}. Give another place."
                : $"There is no such device: {path}. {real.Folder} holds device files, and {Lost}. Check the name ('tidemark sources' shows "
                    + "what there is).");
        }
    }

    /// <summary>Whether a file at an absolute path without links would lie among device files.</summary>
    public static bool Holds(MountTable mounts, string real)
    {
        if (mounts.MountOf(real) is not { } mount)
        {
            return false;
        }

        if (mount.FileSystem == "devtmpfs")
        {
            return true;
        }

        // Containers have device files in a tmpfs, and old systems in a plain folder; what is mounted below is something else.
        if (IsWithin(real, Devices))
        {
            return !IsWithin(real, SharedMemory) && (mount.MountPoint == Devices || !IsWithin(mount.MountPoint, Devices));
        }

        return mounts.MountOf(Devices) is { MountPoint: Devices } devices && devices.Device == mount.Device;
    }

    private static bool IsWithin(string path, string folder) =>
        path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);
}
