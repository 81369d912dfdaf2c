using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Stores;

/// <summary>Words for the errors of a store's files: what happened, to what, and what to do next.</summary>
internal static class LocalStoreError
{
    /// <param name="verb">What was tried: "write", "open".</param>
    public static TidemarkException For(string verb, string path, int error)
    {
        var kind = error switch
        {
            // A file that the chain knows is missing, or its medium fails: both are damage of the store.
            Errno.ENOENT or Errno.EIO => TidemarkError.Damaged,
            _ => TidemarkError.Failed,
        };
        return new TidemarkException(
            kind, $"Could not {verb} {path}: {FileCalls.Reason(error)}. {(error == Errno.ENOSPC ? StoreRoom.Free(path) : "")}{Advice(error)}");
    }

    /// <summary>
    /// Whether the flush of a file failed because the file system has no such call: nothing was tried, and nothing lost.
    /// Whatever else a flush says may mean that content is gone.
    /// </summary>
    public static bool IsRefusal(int result) => result is -Errno.EINVAL or -Errno.EOPNOTSUPP or -Errno.ENOSYS or -Errno.ENOTTY
        or -Errno.EACCES or -Errno.EPERM or -Errno.ENOENT;

    private static string Advice(int error) => error switch
    {
        Errno.ENOSPC => "A dry run says how much an image takes. Make room in the store, or choose another one, and run again.",
        Errno.EDQUOT => "The quota is used up: raise it, or make room, and run again.",
        Errno.EFBIG => "The file system has no files as large, or a limit forbids them (ulimit -f): split images into parts and run again.",
        Errno.EIO => "The medium fails: check it, and look into the system's log.",
        Errno.EROFS => "The file system is mounted read-only: mount it for writing, or choose another store.",
        Errno.EACCES or Errno.EPERM => "Run as a user who may do that, or change the permissions.",
        Errno.ENOENT => "Check that the store is complete and that nobody else changes it.",
        Errno.EEXIST => "Look at what is there, and remove it if it isn't needed.",
        Errno.ESPIPE =>
            "The file system takes writes only in order (as an rclone mount whose vfs-cache-mode is off): mount it with a cache of writes.",
        Errno.ELOOP => "It is a link, and links inside a store are not followed: put the file itself there.",
        Errno.EMFILE => "This process has too many files open: raise the limit (ulimit -n) and run again.",
        Errno.ENFILE => "The machine has too many files open: end what holds them, or raise fs.file-max, and run again.",
        _ => "Check the store and run again.",
    };
}
