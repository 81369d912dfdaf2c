using Tidemark.Engine.Devices;
using Tidemark.Engine.Programs;

namespace Tidemark.Engine.Mounting;

/// <summary>
/// A mounted image, from its server to its file systems, held by this process. What it set up is taken down in the
/// reverse order, however far it came.
/// </summary>
internal sealed class MountSession : IDisposable
{
    /// <summary>Nobody waits for the end of a mount that was taken down.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(200);

    private readonly string folder;
    private readonly string runtime;
    private readonly Stack<IDisposable> layers = new();
    private readonly List<(VolumePlace Place, MountedVolume? Mounted, string? Problem)> volumes = [];
    private readonly ImageFile file;

    private MountSession(string folder, string runtime, StartServer start, ProgramWait wait)
    {
        this.folder = folder;
        this.runtime = runtime;
        file = ImageFile.Open(runtime, start, wait);
        layers.Push(file);
    }

    /// <summary>The image as a file.</summary>
    public string File => file.Path;

    /// <summary>The volumes, where each is mounted, or why it isn't.</summary>
    public IReadOnlyList<(VolumePlace Place, MountedVolume? Mounted, string? Problem)> Volumes => volumes;

    /// <param name="folder">The full path of an empty folder.</param>
    /// <param name="image">The image as the user named it.</param>
    /// <param name="start">Starts its server.</param>
    /// <param name="wait">How helpers are waited for; its cancellation ends it before it is complete.</param>
    public static MountSession Open(string folder, string image, StartServer start, ProgramWait wait)
    {
        Unmounting.Sweep();
        var runtime = RuntimeFolder.Create();
        MountSession? session = null;
        try
        {
            MountRecord.Save(runtime, folder, image);
            session = new MountSession(folder, runtime, start, wait);
            session.MountVolumes(wait);
            return session;
        }
        catch
        {
            session?.Dispose();
            RuntimeFolder.Remove(runtime);
            throw;
        }
    }

    /// <summary>Waits until somebody takes the mount down, or something it stands on dies.</summary>
    public void Wait(CancellationToken cancellation)
    {
        while (file.IsServed && !cancellation.IsCancellationRequested)
        {
            cancellation.WaitHandle.WaitOne(Slice);
        }
    }

    public void Dispose()
    {
        while (layers.TryPop(out var layer))
        {
            layer.Dispose();
        }

        RuntimeFolder.Remove(runtime);
        Clear(folder);
    }

    /// <summary>Removes what a mount put into its folder.</summary>
    public static void Clear(string folder)
    {
        try
        {
            foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos())
            {
                // Folders that hold something, or are mounted on, refuse; nothing else of a user's is touched.
                if (entry is DirectoryInfo { LinkTarget: null, Name: ['p', >= '1' and <= '9', ..] } || entry is { Name: ImageFile.Name, LinkTarget: not null })
                {
                    entry.Delete();
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Somebody's again, or gone.
        }
    }

    private void MountVolumes(ProgramWait wait)
    {
        IReadOnlyList<VolumePlace> places;
        using (var device = RawDevice.OpenRead(file.Path))
        {
            places = VolumePlace.Of(device);
        }

        var onFolder = false;
        foreach (var place in places)
        {
            var problem = "only root can mount it: read it with 'tidemark ls' and 'tidemark extract'";
            var path = Path.Combine(folder, place.Name).TrimEnd('/');
            MountedVolume? mounted = null;
            if (Environment.IsPrivilegedProcess)
            {
                Directory.CreateDirectory(path);
                mounted = MountedVolume.TryMount(file.Path, place, path, out problem, wait);
            }

            if (mounted is not null)
            {
                layers.Push(mounted);
                onFolder |= path == folder;
            }
            else if (path != folder && Directory.Exists(path))
            {
                Directory.Delete(path);
            }

            volumes.Add((place, mounted, mounted is null ? problem : null));
        }

        if (!onFolder)
        {
            System.IO.File.CreateSymbolicLink(Path.Combine(folder, ImageFile.Name), file.Path);
        }
    }
}
