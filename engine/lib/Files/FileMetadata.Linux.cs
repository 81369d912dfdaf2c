using System.ComponentModel;
using System.Runtime.InteropServices;
using Tidemark.Interop.Linux;

namespace Tidemark.Engine.Files;

/// <summary>Gives a file, folder or link of this system what belongs to an entry of a tree.</summary>
internal static unsafe class FileMetadata
{
    /// <summary>Set-user-id and set-group-id: rights of an owner, which only go where the owner goes.</summary>
    private const int SetIds = 0xC00;

    /// <summary>Sets owner, attributes, mode and times, in the order in which none undoes another.</summary>
    /// <param name="path">What was made for the entry.</param>
    /// <param name="entry">What it is like.</param>
    /// <param name="attributes">Its extended attributes.</param>
    /// <param name="owners">Whether it gets its owner; needs root.</param>
    /// <returns>What couldn't be set.</returns>
    public static IReadOnlyList<string> Apply(
        string path, FileEntry entry, IEnumerable<KeyValuePair<string, byte[]>> attributes, bool owners)
    {
        var problems = new List<string>();
        if (owners && Libc.lchown(path, entry.User, entry.Group) != 0)
        {
            problems.Add($"its owner ({Error()})");
        }

        foreach (var (name, value) in attributes)
        {
            fixed (byte* bytes = value)
            {
                if (Libc.lsetxattr(path, name, bytes, (nuint)value.Length, 0) != 0)
                {
                    problems.Add($"its attribute {name} ({Error()})");
                }
            }
        }

        if (entry.Kind != FileKind.Link && Libc.chmod(path, (uint)(owners ? entry.Mode : entry.Mode & ~SetIds)) != 0)
        {
            problems.Add($"its mode ({Error()})");
        }

        var times = stackalloc timespec[2];
        times[0] = Spec(entry.Accessed);
        times[1] = Spec(entry.Modified);
        // No file has none; a reader that knows no times of a root says so by that.
        if (entry.Modified != default && Libc.utimensat(Libc.AT_FDCWD, path, times, Libc.AT_SYMLINK_NOFOLLOW) != 0)
        {
            problems.Add($"its times ({Error()})");
        }

        return problems;
    }

    /// <summary>Gives a file another name.</summary>
    /// <returns>Null, or why not.</returns>
    public static string? TryLink(string existing, string name) => Libc.link(existing, name) == 0 ? null : Error();

    private static timespec Spec(FileTime time) => new() { tv_sec = time.Seconds, tv_nsec = Math.Min(time.Nanoseconds, 999_999_999) };

    private static string Error() => new Win32Exception(Marshal.GetLastPInvokeError()).Message;
}
