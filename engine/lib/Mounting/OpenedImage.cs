using Tidemark.Engine.Devices;
using Tidemark.Engine.Files;
using Tidemark.Engine.Programs;

namespace Tidemark.Engine.Mounting;

/// <summary>An image whose files are read by this process: the image as a private file, and its volumes one at a time.</summary>
internal sealed class OpenedImage : IDisposable
{
    private readonly string runtime;
    private readonly ImageFile file;

    private OpenedImage(string runtime, ImageFile file, IReadOnlyList<VolumePlace> places)
    {
        this.runtime = runtime;
        this.file = file;
        Places = places;
    }

    /// <summary>Its volumes: one without a name, or those of its partition table.</summary>
    public IReadOnlyList<VolumePlace> Places { get; }

    /// <summary>The default subvolumes of volumes that were opened, by the volumes' names; of those that have one.</summary>
    public Dictionary<string, string> DefaultSubvolumes { get; } = [];

    /// <summary>Whether it is a disk with partitions.</summary>
    public bool IsDisk => Places is not [{ Name: "" }];

    public static OpenedImage Open(StartServer start, ProgramWait wait)
    {
        if (!PrivateMounts.AreEntered)
        {
            Unmounting.Sweep();
        }

        var runtime = RuntimeFolder.Create();
        ImageFile? file = null;
        try
        {
            file = ImageFile.Open(runtime, start, wait);
            using var device = RawDevice.OpenRead(file.Path);
            return new OpenedImage(runtime, file, VolumePlace.Of(device));
        }
        catch
        {
            file?.Dispose();
            RuntimeFolder.Remove(runtime);
            throw;
        }
    }

    /// <summary>Divides a path into the volume and the path within it.</summary>
    /// <returns>Null for the root of a disk, where its volumes are.</returns>
    /// <exception cref="TidemarkException">There is no such volume.</exception>
    public (VolumePlace Place, string Path)? Locate(string path)
    {
        if (!IsDisk)
        {
            return (Places[0], path);
        }

        var parts = path.Split('/', 2, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0)
        {
            return null;
        }

        var place = Places.FirstOrDefault(place => place.Name == parts[0]) ?? throw TidemarkException.WrongUse(
            $"The image is a disk, and '{parts[0]}' is no partition of it: paths begin with one of {string.Join(", ", Places.Select(p => p.Name))}.");
        return (place, parts.Length > 1 ? parts[1] : "");
    }

    /// <summary>The files of a volume, by a driver of this system for root, else by a reader that needs none.</summary>
    /// <exception cref="TidemarkException">Nothing here reads it; the message says what would.</exception>
    public FileTree OpenTree(VolumePlace place, ProgramWait wait)
    {
        var what = place.Name.Length > 0 ? $"{place.Name} ({place.Summary})" : $"The image ({place.Summary})";
        if (MountedVolume.Caution(place) is { } caution)
        {
            wait.Tell($"{what} is read as it stands: {caution}.");
        }

        var problem = "only root can mount it";
        if (Environment.IsPrivilegedProcess)
        {
            var folder = Directory.CreateDirectory(Path.Combine(runtime, $"volume{place.Name}")).FullName;
            if (MountedVolume.TryMount(file.Path, place, folder, out problem, wait) is { } mounted)
            {
                if (mounted.DefaultSubvolume is { } subvolume)
                {
                    DefaultSubvolumes[place.Name] = subvolume;
                }

                var type = place.Content!.Type;
                return new MountedTree(
                    folder, mounted.Driver, mounted,
                    type == "ntfs" && SleuthTree.CanRead(type, out _) ? new SleuthTree(file.Path, place.Offset, type, wait) : null);
            }
        }

        if (place.Content is null || FileSystemDriver.For(place.Content).Count == 0)
        {
            throw TidemarkException.WrongUse($"{what} holds no files that can be read: {MountedVolume.WhyNone(place)}.");
        }

        return SleuthTree.CanRead(place.Content.Type, out var other)
            ? new SleuthTree(file.Path, place.Offset, place.Content.Type, wait)
            : throw TidemarkException.Failed($"{what} can't be read here: {problem}; {other}.");
    }

    public void Dispose()
    {
        file.Dispose();
        RuntimeFolder.Remove(runtime);
    }
}
