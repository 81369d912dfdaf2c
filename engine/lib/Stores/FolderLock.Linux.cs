using System.Diagnostics;
using System.Text;
using Tidemark.Engine.Io;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Stores;

/// <summary>
/// The system's part of a folder's lock: flock on <see cref="StoreNames.LockFile"/>, so that it ends with its holder,
/// however that ends. The file stays; its content says who took it last, for people.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    /// <summary>What is read of the file at most: a line of host, process and time.</summary>
    private const int MaxText = 512;

    private readonly FdHandle fd;

    private FolderLock(FdHandle fd, bool works)
    {
        this.fd = fd;
        Works = works;
    }

    /// <summary>Whether the file system has such locks at all; where not, the lock is taken and keeps nobody out.</summary>
    public bool Works { get; }

    /// <param name="calls">The system's calls.</param>
    /// <param name="folder">The folder's descriptor.</param>
    /// <param name="folderPath">Its path.</param>
    /// <param name="holder">Who has it, where somebody has.</param>
    /// <param name="refused">The error of a file system without such locks; 0 where it has them.</param>
    public static unsafe FolderLock? TryTake(StoreCalls calls, FdHandle folder, string folderPath, out string holder, out int refused)
    {
        refused = 0;
        var path = Path.Combine(folderPath, StoreNames.LockFile);
        var mode = SharedMode.Of(folder);
        var fd = FileCalls.OpenAt(
            folder,
            StoreNames.LockFile,
            Libc.O_RDWR | Libc.O_CREAT | Libc.O_NOFOLLOW | Libc.O_NONBLOCK,
            out var error,
            mode.File);
        try
        {
            Require(-error, path);
            mode.SetFile(fd);
            var result = calls.Lock(fd);
            if (result == -Errno.EAGAIN)
            {
                holder = ReadText(fd);
                fd.Dispose();
                return null;
            }

            // Somebody's lock has one error. With any other the file system says that it has no locks, in whatever words,
            // and the owner's file has to do.
            var works = result >= 0;
            refused = works ? 0 : -result;
            var text = Encoding.UTF8.GetBytes(Describe());

            // Written before it is cut off: a full file system gives back no block that it has taken.
            fixed (byte* start = text)
            {
                Require((int)Math.Min(0, FileCalls.Write(fd, start, (nuint)text.Length, 0)), path);
            }

            Require(FileCalls.Truncate(fd, text.Length), path);
            holder = "";
            return new FolderLock(fd, works);
        }
        catch
        {
            fd.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Given back by name: closing alone would leave it to a copy of the descriptor, which a program that this process
    /// starts has until it runs (O_CLOEXEC closes at exec and not at fork).
    /// </summary>
    public void Dispose()
    {
        if (!fd.IsClosed)
        {
            _ = Libc.flock(fd, Libc.LOCK_UN);
        }

        fd.Dispose();
    }

    private static string Describe()
    {
        using var self = Process.GetCurrentProcess();
        var since = LocalTime.Text(self.StartTime);
        return $"host {Environment.MachineName}, process {Environment.ProcessId}, running since {since}\n";
    }

    private static unsafe string ReadText(FdHandle fd)
    {
        var text = stackalloc byte[MaxText];
        var length = (int)Math.Max(0, FileCalls.Read(fd, text, MaxText, 0));
        var line = new StringBuilder();
        foreach (var c in Encoding.UTF8.GetString(text, length).AsSpan().Trim())
        {
            line.Append(char.IsControl(c) ? ' ' : c);
        }

        // The holder may be between taking the lock and writing its name.
        return line.Length > 0 ? line.ToString() : "unknown";
    }

    private static void Require(int result, string path)
    {
        if (result < 0)
        {
            throw LocalStoreError.For("lock", path, -result);
        }
    }
}
