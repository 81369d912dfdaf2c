using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Io;

/// <summary>Whether several machines may have one file system mounted, so that flock need not reach them all.</summary>
internal static class SharedFileSystem
{
    // Numbers of linux/magic.h and of the file systems' own headers. These lie in the machine without a device of their own.
    private static readonly HashSet<long> local =
    [
        0x9123683E, // btrfs
        0x01021994, // tmpfs
        unchecked((int)0x858458F6), 0x858458F6, // ramfs
        0x794C7630, // overlay
        0x2FC12FC1, // ZFS
        unchecked((int)0xCA451A4E), 0xCA451A4E, // bcachefs
    ];

    // These lie on a device that several machines share.
    private static readonly HashSet<long> clustered =
    [
        0x01161970, // GFS2
        0x7461636F, // OCFS2
    ];

    public static unsafe bool Holds(string path)
    {
        statfs known;
        if (FileCalls.Result(Libc.statfs(path, &known)) < 0 || FileCalls.Stat(path, out var attributes) < 0)
        {
            return true;
        }

        // A file system without a device has major number 0: network, FUSE without a device, or one of those above.
        return attributes.stx_dev_major == 0 ? !local.Contains(known.f_type) : clustered.Contains(known.f_type);
    }
}
