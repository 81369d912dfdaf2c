using System.Diagnostics;
using Xunit;

namespace Tidemark.Harness.Support;

/// <summary>
/// A file system of a block device, or of a range of a file, as a folder. Ext4, XFS and btrfs by the kernel, NTFS and
/// exFAT by their FUSE servers, FAT by mtools (<see cref="FatFolder"/>), since not every kernel has FAT. Needs root.
/// </summary>
internal sealed class Mount : IDisposable
{
    // A folder someone still looks into can't be unmounted for moments.
    private static readonly TimeSpan UnmountPatience = TimeSpan.FromSeconds(10);

    private readonly LoopDevice? loop;
    private readonly FatFolder? fat;
    private bool mounted;

    private Mount(string folder, LoopDevice? loop, FatFolder? fat)
    {
        Folder = folder;
        this.loop = loop;
        this.fat = fat;
        mounted = fat == null;
    }

    /// <summary>The folder the files are in.</summary>
    public string Folder { get; }

    /// <summary>Skips the test unless a file system of this kind can be mounted here.</summary>
    public static void Require(string fileSystem)
    {
        switch (fileSystem)
        {
            case "fat32":
                Tool.Require("mcopy", "mdeltree");
                break;
            case "ntfs":
                Root.Require();
                RequireFuse("ntfs-3g");
                break;
            case "exfat":
                Root.Require();
                RequireFuse("mount.exfat-fuse");
                break;
            default:
                Root.Require();
                RequireKernel(fileSystem);
                break;
        }
    }

    /// <summary>Mounts a block device.</summary>
    /// <param name="device">The device's path.</param>
    /// <param name="folder">An empty folder of the test.</param>
    /// <param name="fileSystem">ext4, xfs, btrfs, ntfs, exfat or fat32.</param>
    /// <param name="readOnly">Whether nothing at all is written, a journal's replay included.</param>
    public static Mount Of(string device, string folder, string fileSystem, bool readOnly = false)
    {
        Require(fileSystem);
        return Open(device, folder, fileSystem, readOnly, null);
    }

    /// <summary>Mounts the file system in a range of a raw file; bytes. A size of 0 is the rest of the file.</summary>
    public static Mount OfFile(
        string file, long offset, long size, string folder, string fileSystem, bool readOnly = false)
    {
        Require(fileSystem);
        if (fileSystem == "fat32")
        {
            return new Mount(folder, null, new FatFolder(file, offset, folder, readOnly));
        }

        var loop = LoopDevice.Attach(file, offset: offset, size: size, readOnly: readOnly);
        try
        {
            return Open(loop.Path, folder, fileSystem, readOnly, loop);
        }
        catch
        {
            loop.Dispose();
            throw;
        }
    }

    /// <summary>Makes everything written reach the device.</summary>
    public void Flush()
    {
        if (fat != null)
        {
            fat.Flush();
        }
        else
        {
            Tool.Run("sync", "--file-system", Folder);
        }
    }

    /// <summary>Unmounts, and detaches the loop device this made.</summary>
    public void Dispose()
    {
        fat?.Dispose();
        if (mounted)
        {
            mounted = false;
            Unmount();
        }

        loop?.Dispose();
    }

    private static Mount Open(string device, string folder, string fileSystem, bool readOnly, LoopDevice? loop)
    {
        var access = readOnly ? "ro" : "rw";
        switch (fileSystem)
        {
            case "fat32":
                return new Mount(folder, loop, new FatFolder(device, 0, folder, readOnly));
            case "ntfs":
                Tool.Run("ntfs-3g", "-o", access, device, folder);
                break;
            case "exfat":
                Tool.Run("mount.exfat-fuse", "-o", access, device, folder);
                break;
            case "ext4" when readOnly:
                Tool.Run("mount", "-t", fileSystem, "-o", "ro,noload", device, folder);
                break;
            case "xfs" when readOnly:
                Tool.Run("mount", "-t", fileSystem, "-o", "ro,norecovery,nouuid", device, folder);
                break;
            case "xfs":
                // A restored copy has the identity of its source, which may be mounted at the same time.
                Tool.Run("mount", "-t", fileSystem, "-o", "nouuid", device, folder);
                break;
            default:
                Tool.Run("mount", "-t", fileSystem, "-o", access, device, folder);
                break;
        }

        return new Mount(folder, loop, null);
    }

    private static void RequireFuse(string server)
    {
        Tool.Require(server);
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
    }

    private static void RequireKernel(string fileSystem)
    {
        const string List = "/proc/filesystems";
        bool Known() => File.ReadLines(List).Any(line => line.EndsWith('\t' + fileSystem, StringComparison.Ordinal));
        if (!Known() && Tool.Has("modprobe"))
        {
            Tool.Try("modprobe", fileSystem);
        }

        Assert.SkipUnless(Known(), $"Needs {fileSystem}, which this kernel doesn't have.");
    }

    private void Unmount()
    {
        var clock = Stopwatch.StartNew();
        var result = Tool.Try("umount", Folder);
        while (result.ExitCode != 0)
        {
            if (clock.Elapsed > UnmountPatience)
            {
                // The folder must be free for the test's own clean-up; the device follows once its last user is gone.
                Console.Error.WriteLine($"{Folder} is busy and was unmounted lazily: {result.Error}");
                Tool.Try("umount", "--lazy", Folder);
                return;
            }

            Thread.Sleep(100);
            result = Tool.Try("umount", Folder);
        }
    }
}
