using Tidemark.Harness.Support;

namespace Tidemark.Harness.Stores;

/// <summary>A small file system of its own, mounted under a test's folder.</summary>
internal sealed class SmallMount : IDisposable
{
    private readonly LoopFile loop;
    private bool mounted;

    private SmallMount(LoopFile loop, string path)
    {
        this.loop = loop;
        Path = path;
        mounted = true;
    }

    public string Path { get; }

    public static SmallMount Ext4(TempFolder place, long length) =>
        Make(place, length, "mkfs.ext4", ["-q", "-m", "0"], "mount");

    /// <summary>NTFS through FUSE, whose calls are fewer than the kernel's own file systems have.</summary>
    public static SmallMount Fuse(TempFolder place, long length) =>
        Make(place, length, "mkntfs", ["-Q", "-q"], "ntfs-3g");

    public void Unmount()
    {
        Tool.Run("umount", Path);
        mounted = false;
    }

    public void Dispose()
    {
        if (mounted)
        {
            Tool.Try("umount", Path);
        }

        loop.Dispose();
    }

    private static SmallMount Make(TempFolder place, long length, string make, string[] options, string mount)
    {
        Tool.Require(make, mount, "umount");
        var loop = LoopFile.Attach(length, 512);
        try
        {
            var path = place.Folder("mounted");
            Tool.Run(make, [.. options, loop.Device]);
            Tool.Run(mount, loop.Device, path);
            return new SmallMount(loop, path);
        }
        catch
        {
            loop.Dispose();
            throw;
        }
    }
}
