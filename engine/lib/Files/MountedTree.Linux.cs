using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tidemark.Engine.Io;
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

    /// <summary>The attribute by which ntfs-3g gives a file's reparse point.</summary>
    private const string ReparseAttribute = "system.ntfs_reparse_data";

    private readonly IDisposable held;
    private readonly FileTree? below;

    /// <param name="folder">Where it is mounted.</param>
    /// <param name="reader">What reads it.</param>
    /// <param name="held">What keeps it mounted; disposed with the tree.</param>
    /// <param name="below">
    /// For NTFS a reader that sees files and folders as they are without their reparse points, which the driver hides; null
    /// where there is none.
    /// </param>
    public MountedTree(string folder, string reader, IDisposable held, FileTree? below = null)
    {
        Reader = reader;
        this.held = held;
        this.below = below;
        Root = Stat(folder, "", out _, out var error) ?? throw TidemarkException.Failed($"{folder} can't be read: {Message(error)}.");
    }

    public override FileEntry Root { get; }

    public override string Reader { get; }

    public override IEnumerable<FileEntry> List(FileEntry folder, CancellationToken cancellation)
    {
        if (IsBelow(folder))
        {
            foreach (var entry in below!.List(folder, cancellation))
            {
                yield return entry;
            }

            yield break;
        }

        var names = FolderNames.Read(folder.Handle, out var error);
        if (error != 0)
        {
            throw Unreadable(folder.Name.Length > 0 ? $"The folder {RawName.Visible(folder.Name)} can't be listed" : "The root folder can't be listed", error);
        }

        var bare = new Lazy<FileEntry[]>(() => Bare(folder, cancellation));
        foreach (var name in names)
        {
            cancellation.ThrowIfCancellationRequested();
            yield return Entry(folder, name, bare, out _)!;
        }
    }

    public override FileEntry? Child(FileEntry folder, string name, CancellationToken cancellation)
    {
        if (IsBelow(folder))
        {
            return below!.Child(folder, name, cancellation);
        }

        var entry = Entry(folder, name, new Lazy<FileEntry[]>(() => Bare(folder, cancellation)), out var error);
        return error is Errno.ENOENT or Errno.ENOTDIR or Errno.ENAMETOOLONG ? null : entry;
    }

    public override void Read(FileEntry file, Stream target, CancellationToken cancellation)
    {
        if (IsBelow(file))
        {
            below!.Read(file, target, cancellation);
            return;
        }

        var what = $"{RawName.Visible(file.Name)} can't be read whole";
        var descriptor = Libc.open(file.Handle, Libc.O_RDONLY | Libc.O_CLOEXEC | Libc.O_NOFOLLOW | Libc.O_NONBLOCK, 0);
        if (descriptor < 0)
        {
            throw Unreadable(what, Marshal.GetLastPInvokeError());
        }

        using var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        var buffer = new byte[1 << 20];
        var at = 0L;
        while (Take() is > 0 and var count)
        {
            cancellation.ThrowIfCancellationRequested();
            target.Write(buffer.AsSpan(0, count));
            at += count;
        }

        int Take()
        {
            try
            {
                return RandomAccess.Read(handle, buffer, at);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw TidemarkException.Damaged($"{what}: {e.Message}", e);
            }
        }
    }

    public override IEnumerable<KeyValuePair<string, byte[]>> Attributes(FileEntry entry)
    {
        var attributes = new List<KeyValuePair<string, byte[]>>();
        if (IsBelow(entry))
        {
            return attributes;
        }

        var buffer = new byte[MaxAttribute];
        fixed (byte* bytes = buffer)
        {
            var size = Math.Max(0, (int)Libc.llistxattr(entry.Handle, bytes, (nuint)buffer.Length));
            // The list ends with a zero byte, as each name of it does.
            foreach (var name in RawName.Decode(buffer.AsSpan(0, size)).Split('\0', StringSplitOptions.RemoveEmptyEntries))
            {
                if (Attribute(entry.Handle, name) is { } value)
                {
                    attributes.Add(new(name, value));
                }
            }
        }

        return attributes;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            below?.Dispose();
            held.Dispose();
        }

        base.Dispose(disposing);
    }

    // The other reader's handles are numbers.
    private static bool IsBelow(FileEntry entry) => !entry.Handle.StartsWith('/');

    // What can't be looked at is told like what can, so that it isn't missed.
    private FileEntry? Entry(FileEntry folder, string name, Lazy<FileEntry[]> bare, out int error)
    {
        var path = $"{folder.Handle}/{name}";
        var entry = Stat(path, name, out var inode, out error);
        if (entry is { Kind: not FileKind.Link })
        {
            return entry;
        }

        return Attribute(path, ReparseAttribute) is { } data && ReparsePoint.TryRead(data) is { } point
            ? WithPoint(entry ?? Unknown(path, name, error), point, inode, bare)
            : entry ?? Unknown(path, name, error);
    }

    private FileEntry WithPoint(FileEntry entry, ReparsePoint point, ulong inode, Lazy<FileEntry[]> bare)
    {
        var own = point.Of(entry with { Kind = FileKind.File, Target = null }, () => false);
        var number = inode.ToString(CultureInfo.InvariantCulture);
        if (own.Kind != FileKind.Other || point.IsElsewhere)
        {
            return own;
        }

        return below is null
            ? own with { Problem = new EntryProblem($"It is {point.What}, and {Reader} doesn't show what is behind that; it stayed out. Install the package {SleuthContent.Package}, which shows what the volume holds of it.", false) }
            : bare.Value.FirstOrDefault(other => other.Name == entry.Name && (inode == 0 || SleuthLine.NumberOf(other.Handle) == number)) ?? own;
    }

    private static FileEntry Unknown(string path, string name, int error) => new(
        name, path, FileKind.Other, 0, 0, 0, 0, default, default,
        Problem: new EntryProblem($"It can't be looked at: {Message(error)}.", true));

    private FileEntry[] Bare(FileEntry folder, CancellationToken cancellation)
    {
        if (below is null || Stat(folder.Handle, "", out var inode, out _) is null)
        {
            return [];
        }

        try
        {
            return [.. below.List(folder with { Handle = inode.ToString(CultureInfo.InvariantCulture) }, cancellation)];
        }
        catch (TidemarkException)
        {
            // Each is named by its reparse point then.
            return [];
        }
    }

    private static byte[]? Attribute(string path, string name)
    {
        var buffer = new byte[MaxAttribute];
        fixed (byte* bytes = buffer)
        {
            var length = (int)Libc.lgetxattr(path, name, bytes, (nuint)buffer.Length);
            return length < 0 ? null : buffer[..length];
        }
    }

    private static FileEntry? Stat(string path, string name, out ulong inode, out int error)
    {
        statx status;
        error = Libc.statx(Libc.AT_FDCWD, path, Libc.AT_SYMLINK_NOFOLLOW, statx.STATX_BASIC_STATS, &status) == 0 ? 0 : Marshal.GetLastPInvokeError();
        inode = status.stx_ino;
        if (error != 0)
        {
            return null;
        }

        var kind = (status.stx_mode & Libc.S_IFMT) switch
        {
            Libc.S_IFREG => FileKind.File,
            Libc.S_IFDIR => FileKind.Folder,
            Libc.S_IFLNK => FileKind.Link,
            Libc.S_IFIFO => FileKind.Fifo,
            Libc.S_IFSOCK => FileKind.Socket,
            Libc.S_IFBLK => FileKind.BlockDevice,
            Libc.S_IFCHR => FileKind.CharacterDevice,
            _ => FileKind.Other,
        };
        var entry = new FileEntry(
            name, path, kind, (long)status.stx_size, status.stx_mode & 0xFFF, status.stx_uid, status.stx_gid,
            Time(status.stx_mtime), Time(status.stx_atime),
            kind == FileKind.File && status.stx_nlink > 1 ? inode.ToString(CultureInfo.InvariantCulture) : null,
            Problem: kind == FileKind.Other ? new EntryProblem("It is nothing that this system knows.", true) : null);
        return kind == FileKind.Link ? WithTarget(entry) : entry;
    }

    private static FileEntry WithTarget(FileEntry link)
    {
        var buffer = stackalloc byte[MaxTarget];
        var length = (int)Libc.readlink(link.Handle, buffer, MaxTarget);
        return length > 0 ? link with { Target = RawName.Decode(new ReadOnlySpan<byte>(buffer, length)) } : link with
        {
            Kind = FileKind.Other,
            Problem = new EntryProblem($"Where the link leads can't be read: {(length < 0 ? Message(Marshal.GetLastPInvokeError()) : "it is empty")}.", true),
        };
    }

    // What a driver refuses needn't be damaged: an encrypted file without its key, a compression that it doesn't know.
    private static TidemarkException Unreadable(string what, int error) => error is Errno.EACCES or Errno.EPERM or Errno.EOPNOTSUPP or Errno.ENOKEY
        ? TidemarkException.Failed($"{what}: {Message(error)}. The driver here doesn't read such a one; it may be encrypted.")
        : TidemarkException.Damaged($"{what}: {Message(error)}.");

    private static string Message(int error) => new Win32Exception(error).Message.TrimEnd('.');

    private static FileTime Time(statx_timestamp time) => new(time.tv_sec, time.tv_nsec);
}
