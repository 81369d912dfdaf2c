using System.Diagnostics;
using System.Text;
using Microsoft.Win32.SafeHandles;
using TerraFX.Interop.Windows;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Io;
using static TerraFX.Interop.Windows.Windows;

namespace Tidemark.Engine.Stores;

/// <summary>
/// The system's part of a folder's lock: a locked byte of <see cref="StoreNames.LockFile"/>, so that it ends with its holder,
/// however that ends. The file stays; its content says who took it last, for people.
/// </summary>
internal sealed unsafe class WindowsFolderLock : IDisposable
{
    /// <summary>What is read of the file at most: a line of host, process and time.</summary>
    private const int MaxText = 512;

    /// <summary>
    /// The byte that is locked. Windows keeps others from reading what is locked, so it lies far behind the text; no file
    /// needs to be as long, and every server knows offsets of 31 bits.
    /// </summary>
    private const uint LockedByte = 1 << 30;

    private readonly SafeFileHandle file;

    private WindowsFolderLock(SafeFileHandle file, bool works)
    {
        this.file = file;
        Works = works;
    }

    /// <summary>Whether the file system has such locks at all; where not, the lock is taken and keeps nobody out.</summary>
    public bool Works { get; }

    public static WindowsFolderLock? TryTake(string folderPath, out string holder)
    {
        var path = Path.Combine(folderPath, StoreNames.LockFile);
        var file = WindowsFileCalls.Open(
            WindowsPath.OfFile(path),
            GENERIC_READ | GENERIC_WRITE,
            OPEN.OPEN_ALWAYS,
            FILE.FILE_FLAG_OVERLAPPED | FILE.FILE_FLAG_OPEN_REPARSE_POINT,
            out var error);
        try
        {
            Require(error, path);
            if (!LocalStoreEntry.IsPlain(file))
            {
                throw TidemarkException.WrongUse($"{path} is a link, and links inside a store are not followed. Remove it.");
            }

            error = WindowsFileCalls.TryLock(file, LockedByte);
            if (error is ERROR.ERROR_LOCK_VIOLATION)
            {
                holder = ReadText(file);
                file.Dispose();
                return null;
            }

            var works = !WindowsFileCalls.IsMissing(error);
            Require(works ? error : 0, path);
            var text = Encoding.UTF8.GetBytes(Describe());
            fixed (byte* start = text)
            {
                Require((int)-Math.Min(0, WindowsFileCalls.Write(file, start, (uint)text.Length, 0)), path);
            }

            Require(WindowsFileCalls.SetLength(file, text.Length), path);
            holder = "";
            return new WindowsFolderLock(file, works);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // Closing the handle gives the lock back: nobody else has a copy of it, since handles aren't inherited.
    public void Dispose() => file.Dispose();

    private static string Describe()
    {
        using var self = Process.GetCurrentProcess();
        var since = LocalTime.Text(self.StartTime);
        return $"host {Environment.MachineName}, process {Environment.ProcessId}, running since {since}\n";
    }

    private static string ReadText(SafeFileHandle file)
    {
        var text = stackalloc byte[MaxText];
        var length = (int)Math.Max(0, WindowsFileCalls.Read(file, text, MaxText, 0));
        var line = new StringBuilder();
        foreach (var c in Encoding.UTF8.GetString(text, length).AsSpan().Trim())
        {
            line.Append(char.IsControl(c) ? ' ' : c);
        }

        // The holder may be between taking the lock and writing its name.
        return line.Length > 0 ? line.ToString() : "unknown";
    }

    private static void Require(int error, string path)
    {
        if (error != 0)
        {
            throw WindowsStoreError.For("lock", path, error);
        }
    }
}
