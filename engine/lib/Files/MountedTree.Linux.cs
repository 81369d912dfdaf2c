using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Files;

/// <summary>
/// A file system that a driver of this system has mounted: everything the driver knows of a file comes with it, extended
/// attributes included.
/// </summary>
internal sealed unsafe class MountedTree : FileTree
{
    /// <summary>The kernel's bound on an attribute's value and on the list of names (xattr(7)).</summary>
    private const int MaxAttribute = 64 << 10;

    /// <summary>The kernel's bound on a link's target (path_resolution(7)).</summary>
    private const int MaxTarget = 4096;

    private readonly IDisposable held;

    /// <param name="folder">Where it is mounted.</param>
    /// <param name="reader">What reads it.</param>
    /// <param name="held">What keeps it mounted; disposed with the tree.</param>
    public MountedTree(string folder, string reader, IDisposable held)
    {
        Reader = reader;
        this.held = held;
        Root = TryStat(folder, "") ?? throw TidemarkException.Failed($"{folder} can't be read.");
    }

    public override FileEntry Root { get; }

    public override string Reader { get; }

    public override IEnumerable<FileEntry> List(FileEntry folder, CancellationToken cancellation)
    {
        var names = new List<string>();
        try
        {
            names.AddRange(Directory.EnumerateFileSystemEntries(folder.Handle, "*", new EnumerationOptions
            {
                AttributesToSkip = FileAttributes.None,
                IgnoreInaccessible = false,
                ReturnSpecialDirectories = false,
            }));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TidemarkException.Damaged($"The folder {folder.Name} can't be listed: {e.Message}", e);
        }

        foreach (var path in names)
        {
            cancellation.ThrowIfCancellationRequested();
            var name = Path.GetFileName(path);
            // What can't be looked at is told like what can, so that it isn't missed.
            yield return TryStat(path, name) ?? new FileEntry(name, path, FileKind.File, 0, 0, 0, 0, default, default);
        }
    }

    public override FileEntry? Child(FileEntry folder, string name, CancellationToken cancellation) =>
        TryStat(Path.Combine(folder.Handle, name), name);

    public override void Read(FileEntry file, Stream target, CancellationToken cancellation)
    {
        try
        {
            using var source = new FileStream(file.Handle, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 1);
            var buffer = new byte[1 << 20];
            while (source.Read(buffer) is > 0 and var count)
            {
                cancellation.ThrowIfCancellationRequested();
                target.Write(buffer.AsSpan(0, count));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TidemarkException.Damaged($"{file.Name} can't be read whole: {e.Message}", e);
        }
    }

    public override IEnumerable<KeyValuePair<string, byte[]>> Attributes(FileEntry entry)
    {
        var attributes = new List<KeyValuePair<string, byte[]>>();
        var buffer = new byte[MaxAttribute];
        fixed (byte* bytes = buffer)
        {
            var size = (int)Libc.llistxattr(entry.Handle, bytes, (nuint)buffer.Length);
            foreach (var name in size > 0 ? Encoding.UTF8.GetString(buffer, 0, size).Split('\0', StringSplitOptions.RemoveEmptyEntries) : [])
            {
                var length = (int)Libc.lgetxattr(entry.Handle, name, bytes, (nuint)buffer.Length);
                if (length >= 0)
                {
                    attributes.Add(new(name, buffer.AsSpan(0, length).ToArray()));
                }
            }
        }

        return attributes;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            held.Dispose();
        }

        base.Dispose(disposing);
    }

    private static FileEntry? TryStat(string path, string name)
    {
        statx status;
        if (Libc.statx(Libc.AT_FDCWD, path, Libc.AT_SYMLINK_NOFOLLOW, statx.STATX_BASIC_STATS, &status) != 0)
        {
            return null;
        }

        FileKind? kind = (status.stx_mode & Libc.S_IFMT) switch
        {
            Libc.S_IFREG => FileKind.File,
            Libc.S_IFDIR => FileKind.Folder,
            Libc.S_IFLNK => FileKind.Link,
            Libc.S_IFIFO => FileKind.Fifo,
            Libc.S_IFSOCK => FileKind.Socket,
            Libc.S_IFBLK => FileKind.BlockDevice,
            Libc.S_IFCHR => FileKind.CharacterDevice,
            _ => null,
        };
        return kind is null ? null : new FileEntry(
            name, path, kind.Value, (long)status.stx_size, status.stx_mode & 0xFFF, status.stx_uid, status.stx_gid,
            Time(status.stx_mtime), Time(status.stx_atime),
            kind == FileKind.File && status.stx_nlink > 1 ? status.stx_ino.ToString(CultureInfo.InvariantCulture) : null, kind == FileKind.Link ? TargetOf(path) : null);
    }

    private static FileTime Time(statx_timestamp time) => new(time.tv_sec, time.tv_nsec);

    private static string TargetOf(string path)
    {
        var buffer = stackalloc byte[MaxTarget];
        var length = Libc.readlink(path, buffer, MaxTarget);
        return length < 0
            ? throw TidemarkException.Damaged($"The link {path} can't be read: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.")
            : Encoding.UTF8.GetString(buffer, (int)length);
    }
}
