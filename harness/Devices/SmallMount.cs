using Tidemark.Harness.Support;

namespace Tidemark.Harness;

/// <summary>A file system of its own on a sparse file, mounted under a test's folder.</summary>
internal sealed class SmallMount : IDisposable
{
    private readonly LoopFile loop;
    private readonly Mount mount;

    private SmallMount(LoopFile loop, Mount mount)
    {
        this.loop = loop;
        this.mount = mount;
    }

    public string Path => mount.Folder;

    public string Device => loop.Device;

    /// <param name="place">Where the folder is made.</param>
    /// <param name="fileSystem">ext4, xfs, btrfs, ntfs or exfat.</param>
    /// <param name="length">Bytes of the device; XFS wants 300 MiB, btrfs 110 MiB.</param>
    public static SmallMount Make(TempFolder place, string fileSystem, long length = 320 << 20)
    {
        Mount.Require(fileSystem);
        var (program, options) = fileSystem switch
        {
            "ext4" => ("mkfs.ext4", new[] { "-q", "-m", "0" }),
            "xfs" => ("mkfs.xfs", ["-q"]),
            "btrfs" => ("mkfs.btrfs", ["-q"]),
            "ntfs" => ("mkntfs", ["-Q", "-q"]),
            "exfat" => ("mkfs.exfat", []),
            _ => throw new ArgumentOutOfRangeException(nameof(fileSystem)),
        };
        Tool.Require(program);
        var loop = LoopFile.Attach(length, 512);
        try
        {
            Tool.Run(program, [.. options, loop.Device]);
            return new SmallMount(loop, Mount.Of(loop.Device, place.Folder("mounted"), fileSystem));
        }
        catch
        {
            loop.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        mount.Dispose();
        loop.Dispose();
    }
}
