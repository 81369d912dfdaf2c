using System.Globalization;

namespace Tidemark.Engine.Mounting;

/// <summary>
/// A mounted image as it is noted down, in a private folder of its own beside its socket and file. The kernel's tables
/// are the truth; this says which folder and process belong to them.
/// </summary>
/// <param name="Runtime">The private folder.</param>
/// <param name="Folder">The folder that the user named.</param>
/// <param name="Image">The image, as the user named it.</param>
/// <param name="ProcessId">The process that serves it.</param>
/// <param name="ProcessStart">When that began, in the kernel's ticks; a number taken over by another process differs.</param>
internal sealed record MountRecord(string Runtime, string Folder, string Image, int ProcessId, long ProcessStart)
{
    private const string FileName = "mount";

    /// <summary>The image as a file.</summary>
    public string ImagePath => Path.Combine(Runtime, ImageFile.Name);

    /// <summary>Whether the process that serves it lives.</summary>
    public bool IsAlive => StartOf(ProcessId) == ProcessStart;

    /// <summary>Makes the private folder of a new mount.</summary>
    public static string CreateRuntime()
    {
        const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        var path = Path.Combine(Root(), Guid.NewGuid().ToString("N")[..12]);
        return (OperatingSystem.IsWindows() ? Directory.CreateDirectory(path) : Directory.CreateDirectory(path, Private)).FullName;
    }

    /// <summary>Notes down a mount of this process.</summary>
    public static MountRecord Save(string runtime, string folder, string image)
    {
        var id = Environment.ProcessId;
        var record = new MountRecord(runtime, folder, image, id, StartOf(id) ?? 0);
        File.WriteAllLines(
            Path.Combine(runtime, FileName),
            [folder, image, id.ToString(CultureInfo.InvariantCulture), record.ProcessStart.ToString(CultureInfo.InvariantCulture)]);
        return record;
    }

    /// <summary>All mounts of this user that are noted down, dead ones too.</summary>
    public static IReadOnlyList<MountRecord> All() => Directory.Exists(Root())
        ? [.. Directory.EnumerateDirectories(Root()).Select(TryRead).OfType<MountRecord>()]
        : [];

    /// <summary>The mount on a folder; null where none is noted down.</summary>
    public static MountRecord? TryFind(string folder) => All().FirstOrDefault(record => record.Folder == folder);

    /// <summary>Forgets it and removes the private folder, as far as it is free.</summary>
    public void Forget() => Remove(Runtime);

    /// <summary>Removes a private folder, as far as it is free.</summary>
    public static void Remove(string runtime)
    {
        try
        {
            Directory.Delete(runtime, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone already, or a file in it is mounted still; the next unmount tries again.
        }
    }

    // Memory that a restart empties, as mounts end with it too.
    private static string Root() =>
        Environment.IsPrivilegedProcess ? "/run/tidemark"
        : Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime ? Path.Combine(runtime, "tidemark")
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "tidemark");

    private static MountRecord? TryRead(string runtime)
    {
        try
        {
            return TryParse(runtime, File.ReadAllLines(Path.Combine(runtime, FileName)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads a note; null where it isn't whole.</summary>
    internal static MountRecord? TryParse(string runtime, string[] lines) =>
        lines is [var folder, var image, var id, var start]
            && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var process)
            && long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var began)
            ? new MountRecord(runtime, folder, image, process, began)
            : null;

    // Field 22 of /proc/PID/stat (proc_pid_stat(5)); the second one is a name in brackets that may hold anything.
    private static long? StartOf(int process)
    {
        try
        {
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
}
