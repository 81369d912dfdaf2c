using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Stores;

/// <summary>
/// A rename that never replaces, on file systems that have less and less: RENAME_NOREPLACE; a hard link, which never
/// replaces either; and looking first, while the folder's lock keeps other writers out.
/// </summary>
/// <remarks>
/// File systems refuse a call with whatever error comes to their mind (an rclone mount answers EIO to a link), and a
/// share may answer with an error to what it did. So no error but "it exists" is believed: what the folder holds
/// afterwards tells, and only the last way's error is told.
/// </remarks>
internal static class ExclusiveRename
{
    /// <returns>0, or the negative errno; -EEXIST where the new name is taken.</returns>
    public static int Run(StoreCalls calls, FdHandle folder, string from, string to)
    {
        var known = FileCalls.StatAt(folder, from, out var file);
        if (known < 0)
        {
            return known;
        }

        if (calls.RenameExclusively(folder, from, to) >= 0 || WasRenamed(folder, from, to, file))
        {
            return 0;
        }

        if (FileCalls.StatAt(folder, to, out _) >= 0)
        {
            return -Errno.EEXIST;
        }

        if (calls.Link(folder, from, to) >= 0 || IsSame(folder, to, file))
        {
            // It has its name. What is left under the old one is a temporary file, which the next run removes.
            _ = calls.Unlink(folder, from);
            return 0;
        }

        if (FileCalls.StatAt(folder, to, out _) >= 0)
        {
            return -Errno.EEXIST;
        }

        var result = calls.Rename(folder, from, to);
        return result >= 0 || WasRenamed(folder, from, to, file) ? 0 : result;
    }

    // Without the old name the new one can only be that file: file systems of FUSE give files other numbers as they like.
    private static bool WasRenamed(FdHandle folder, string from, string to, in statx file) =>
        FileCalls.StatAt(folder, from, out _) == -Errno.ENOENT
        && FileCalls.StatAt(folder, to, out var now) >= 0 && now.stx_size == file.stx_size;

    private static bool IsSame(FdHandle folder, string to, in statx file) =>
        FileCalls.StatAt(folder, to, out var now) >= 0 && now.stx_ino == file.stx_ino && now.stx_nlink > 1
        && now.stx_dev_major == file.stx_dev_major && now.stx_dev_minor == file.stx_dev_minor;
}
