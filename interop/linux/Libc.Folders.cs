using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

// Folders and what is made in them by path, names byte for byte (man 3 opendir, readdir; man 2 mkdir, symlink, unlink).
public static unsafe partial class Libc
{
    /// <returns>A DIR*, or null.</returns>
    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial void* opendir(string name);

    /// <returns>Null at the end (the last error is 0 then) or when it fails.</returns>
    [LibraryImport("libc", SetLastError = true)]
    public static partial dirent* readdir(void* dirp);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int closedir(void* dirp);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int mkdir(string pathname, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int symlink(string target, string linkpath);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int unlink(string pathname);
}
