using System.Globalization;
using System.Text;

namespace Tidemark.Engine.Programs;

/// <summary>
/// Private folders for sockets and small files of a run, where the system keeps such things: short paths whatever TMPDIR
/// says, since a socket's has 107 bytes at most, and memory that a restart empties. A folder's name says whose it is, so
/// that what a killed run left can be told from what is in use.
/// </summary>
internal static class RuntimeFolder
{
    /// <summary>What a socket's path may have (unix(7): sun_path without its end), less a separator and the longest name in a folder.</summary>
    private const int MaxLength = 107 - 16;

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>A new folder that only this user can enter.</summary>
    /// <exception cref="TidemarkException">There is no place for one.</exception>
    public static string Create()
    {
        var id = Environment.ProcessId;
        var name = string.Create(CultureInfo.InvariantCulture, $"{id}-{StartOf(id) ?? 0}-{Guid.NewGuid().ToString("N")[..8]}");
        string? reason = null;
        foreach (var root in Roots())
        {
            try
            {
                var path = Path.Combine(root, name);
                if (Encoding.UTF8.GetByteCount(path) > MaxLength)
                {
                    reason ??= $"{root} is too long for the path of a socket";
                    continue;
                }

                if (OperatingSystem.IsWindows())
                {
                    return Directory.CreateDirectory(path).FullName;
                }

                Directory.CreateDirectory(root, Private);
                if (RuntimeFolderCalls.IsOwn(root))
                {
                    return Directory.CreateDirectory(path, Private).FullName;
                }

                reason ??= $"{root} isn't this user's alone";
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                reason ??= e.Message.TrimEnd('.');
            }
        }

        var variable = OperatingSystem.IsWindows() ? "TEMP" : "XDG_RUNTIME_DIR";
        throw TidemarkException.Failed($"There is no place for a private folder: {reason}. Let {variable} name a folder of yours with a short path.");
    }

    /// <summary>All such folders of this user, of runs that died too.</summary>
    public static IEnumerable<string> All() =>
        Roots().Where(root => Directory.Exists(root) && (OperatingSystem.IsWindows() || RuntimeFolderCalls.IsOwn(root))).SelectMany(root => Directory.EnumerateDirectories(root));

    /// <summary>The process that made a folder and when that process began, by the folder's name; null where it says nothing.</summary>
    public static (int Id, long Start)? OwnerOf(string folder) =>
        Path.GetFileName(folder).Split('-') is [var id, var start, _]
            && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var process)
            && long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var began)
            ? (process, began)
            : null;

    /// <summary>
    /// Removes a folder as far as it is free: what is mounted in it stays, and nothing beneath that is touched.
    /// </summary>
    public static void Remove(string folder)
    {
        try
        {
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
            {
                Try(entry.Delete);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone already.
        }

        Try(() => Directory.Delete(folder));

        static void Try(Action delete)
        {
            try
            {
                delete();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // In use still; the next run that mounts tries again.
            }
        }
    }

    /// <summary>When a process began, in the kernel's ticks; null where it isn't there.</summary>
    public static long? StartOf(int process)
    {
        try
        {
            // Field 22 of /proc/PID/stat (proc_pid_stat(5)); the second one is a name in brackets that may hold anything.
            var text = File.ReadAllText($"/proc/{process}/stat");
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            // A process that ended and wasn't waited for serves nothing.
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19], CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // The first that can be used is taken; all are looked through.
    private static IEnumerable<string> Roots()
    {
        if (OperatingSystem.IsWindows())
        {
            yield return Path.Combine(Path.GetTempPath(), "tidemark");
            yield break;
        }

        if (Environment.IsPrivilegedProcess)
        {
            yield return "/run/tidemark";
        }
        else if (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { } runtime && Path.IsPathRooted(runtime) && Directory.Exists(runtime))
        {
            yield return Path.Combine(runtime, "tidemark");
        }

        if (!Environment.IsPrivilegedProcess && Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) is { } home
            && Path.IsPathRooted(home) && Directory.Exists(home))
        {
            yield return Path.Combine(home, ".cache", "tidemark");
        }

        yield return $"/tmp/tidemark-{RuntimeFolderCalls.User}";
    }
}
