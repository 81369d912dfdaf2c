using Microsoft.Win32.SafeHandles;
using TerraFX.Interop.Windows;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Stores;

/// <summary>What an entry of a local folder is, as its handle says, opened without following it.</summary>
internal static class LocalStoreEntry
{
    /// <summary>
    /// The bit of a reparse tag that says "this stands for another name": symbolic links and mount points have it. Files
    /// that a deduplicated or compressed volume keeps elsewhere are reparse points without it, and are files.
    /// </summary>
    private const uint NameSurrogate = 0x20000000;

    /// <summary>Whether it is a file or folder itself, not a link to one.</summary>
    public static bool IsPlain(SafeFileHandle entry) => IsPlain(entry, out _);

    public static bool IsPlainFile(SafeFileHandle entry) =>
        IsPlain(entry, out var attributes) && (attributes & FILE.FILE_ATTRIBUTE_DIRECTORY) == 0
        && WindowsFileCalls.TypeOf(entry) == FILE.FILE_TYPE_DISK;

    public static bool IsPlainFolder(SafeFileHandle entry) =>
        IsPlain(entry, out var attributes) && (attributes & FILE.FILE_ATTRIBUTE_DIRECTORY) != 0;

    /// <summary>Whether it is a reparse point of any kind, which must be opened once more to be read as a file.</summary>
    public static bool IsReparsePoint(SafeFileHandle entry)
    {
        _ = IsPlain(entry, out var attributes);
        return (attributes & FILE.FILE_ATTRIBUTE_REPARSE_POINT) != 0;
    }

    private static bool IsPlain(SafeFileHandle entry, out uint attributes)
    {
        var known = WindowsFileCalls.GetInfo(
            entry, FILE_INFO_BY_HANDLE_CLASS.FileAttributeTagInfo, out FILE_ATTRIBUTE_TAG_INFO info) == 0;
        attributes = info.FileAttributes;
        if (!known)
        {
            // A file system that has no such information has no links either.
            known = WindowsFileCalls.Stat(entry, out var plain) == 0;
            attributes = plain.dwFileAttributes;
        }

        return known && ((attributes & FILE.FILE_ATTRIBUTE_REPARSE_POINT) == 0 || (info.ReparseTag & NameSurrogate) == 0);
    }
}
