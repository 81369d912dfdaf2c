using System.Globalization;
using Tidemark.Engine.Programs;

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
    public bool IsAlive => RuntimeFolder.StartOf(ProcessId) == ProcessStart;

    /// <summary>Notes down a mount of this process.</summary>
    public static MountRecord Save(string runtime, string folder, string image)
    {
        var id = Environment.ProcessId;
        var record = new MountRecord(runtime, folder, image, id, RuntimeFolder.StartOf(id) ?? 0);
        File.WriteAllLines(
            Path.Combine(runtime, FileName),
            [folder, image, id.ToString(CultureInfo.InvariantCulture), record.ProcessStart.ToString(CultureInfo.InvariantCulture)]);
        return record;
    }

    /// <summary>All mounts of this user, dead ones too, and what else has a private folder.</summary>
    public static IReadOnlyList<MountRecord> All() => [.. RuntimeFolder.All().Select(TryRead).OfType<MountRecord>()];

    /// <summary>The mount on a folder; null where none is noted down.</summary>
    public static MountRecord? TryFind(string folder) => All().FirstOrDefault(record => record.Folder == folder);

    /// <summary>Forgets it and removes the private folder, as far as it is free.</summary>
    public void Forget() => RuntimeFolder.Remove(Runtime);

    private static MountRecord? TryRead(string runtime)
    {
        try
        {
            return TryParse(runtime, File.ReadAllLines(Path.Combine(runtime, FileName)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not noted down yet, or never: the folder's name says whose it is.
            return RuntimeFolder.OwnerOf(runtime) is { } owner ? new MountRecord(runtime, "", "", owner.Id, owner.Start) : null;
        }
    }

    /// <summary>Reads a note; null where it isn't whole.</summary>
    internal static MountRecord? TryParse(string runtime, string[] lines) =>
        lines is [var folder, var image, var id, var start]
            && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var process)
            && long.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out var began)
            ? new MountRecord(runtime, folder, image, process, began)
            : null;
}
