using System.Runtime.InteropServices;

namespace Tidemark.Interop.Linux;

// Owners, times, links and extended attributes by path, names byte for byte (man 2 chown, utimensat, link, listxattr). None
// follows a link.
public static unsafe partial class Libc
{
    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int lchown(string pathname, uint owner, uint group);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int chmod(string pathname, uint mode);

    /// <param name="dirfd"><see cref="AT_FDCWD"/>.</param>
    /// <param name="times">Two: of the last access and of the last change.</param>
    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int utimensat(int dirfd, string pathname, timespec* times, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int link(string oldpath, string newpath);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial nint readlink(string pathname, byte* buf, nuint bufsiz);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial nint llistxattr(string path, byte* list, nuint size);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial nint lgetxattr(string path, string name, void* value, nuint size);

    [LibraryImport("libc", SetLastError = true, StringMarshallingCustomType = typeof(FileNameMarshaller))]
    public static partial int lsetxattr(string path, string name, void* value, nuint size, int flags);
}
