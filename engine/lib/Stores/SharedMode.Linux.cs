using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Stores;

/// <summary>
/// Who may read and write what is made in a folder. An image holds every secret of its disk, so it is the owner's alone;
/// unless the folder is shared on purpose: by its setgid bit, as Git's shared repositories are, or by a default access
/// list. Then its group may what it may in the folder, whatever the umask says; others never may.
/// </summary>
/// <param name="File">Of a new file.</param>
/// <param name="Folder">Of a new folder.</param>
/// <param name="IsForced">Whether it is set once more after the making, since the umask cuts it.</param>
internal readonly record struct SharedMode(uint File, uint Folder, bool IsForced)
{
    private const uint Group = 0x38; // 0070
    private const uint GroupOfFile = 0x30; // 0060

    private const string DefaultList = "system.posix_acl_default";

    /// <summary>What holds in a folder.</summary>
    public static unsafe SharedMode Of(FdHandle folder)
    {
        // With such a list the umask doesn't count: the kernel takes of the list what the mode has room for.
        if (Libc.fgetxattr(folder, DefaultList, null, 0) > 0)
        {
            return new SharedMode(FileCalls.NewFileMode | GroupOfFile, FileCalls.NewFolderMode | Group, false);
        }

        if (FileCalls.Stat(folder, out var attributes) < 0 || (attributes.stx_mode & Libc.S_ISGID) == 0)
        {
            return new SharedMode(FileCalls.NewFileMode, FileCalls.NewFolderMode, false);
        }

        var mode = (uint)attributes.stx_mode;
        return new SharedMode(
            FileCalls.NewFileMode | (mode & GroupOfFile), FileCalls.NewFolderMode | (mode & Group) | Libc.S_ISGID, true);
    }

    /// <summary>Gives a file that was just made its mode; file systems without modes have none to give.</summary>
    public void SetFile(FdHandle file)
    {
        if (IsForced && !file.IsInvalid)
        {
            _ = Libc.fchmod(file, File);
        }
    }
}
