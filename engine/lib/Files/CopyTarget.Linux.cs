using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Files;

/// <summary>What a copy makes in a folder of this system, names byte for byte. Nothing that exists is opened or followed.</summary>
internal static unsafe class CopyTarget
{
    /// <summary>Until a file's own mode is set it is its owner's alone (0600, and 0700 for a folder).</summary>
    private const uint NewFile = 0x180;
    private const uint NewFolder = 0x1C0;

    /// <summary>Whether there is something of that name, a link that leads nowhere included.</summary>
    public static bool Exists(string path)
    {
        statx status;
        return Libc.statx(Libc.AT_FDCWD, path, Libc.AT_SYMLINK_NOFOLLOW, statx.STATX_TYPE, &status) == 0;
    }

    /// <exception cref="TargetFileException">It can't be made.</exception>
    public static void MakeFolder(string path) => Require(Libc.mkdir(path, NewFolder), path);

    /// <exception cref="TargetFileException">It can't be made.</exception>
    public static void MakeLink(string path, string target) => Require(Libc.symlink(target, path), path);

    /// <summary>A new file, open for writing.</summary>
    /// <exception cref="TargetFileException">It can't be made.</exception>
    public static FileStream MakeFile(string path)
    {
        var descriptor = Libc.open(path, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_EXCL | Libc.O_CLOEXEC, NewFile);
        Require(descriptor, path);
        return new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.Write, 0);
    }

    /// <summary>Takes a file away, if it is there.</summary>
    public static void Delete(string path) => _ = Libc.unlink(path);

    private static void Require(int result, string path)
    {
        if (result < 0)
        {
            throw new TargetFileException(path, new IOException(new Win32Exception(Marshal.GetLastPInvokeError()).Message));
        }
    }
}
