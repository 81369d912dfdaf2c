using Tidemark.Engine.Locations;
using Tidemark.Engine.Mounting;
using Tidemark.Engine.Operations.Servers;
using Tidemark.Engine.Programs;
using Tidemark.Engine.Progress;

namespace Tidemark.Engine.Operations.Mounts;

/// <summary>Images as folders of this system. Linux only.</summary>
public static class ImageMount
{
    private const string Elsewhere =
        "needs Linux, its FUSE and its file systems. Here, 'tidemark export' makes a VHDX that Windows attaches, and 'tidemark serve' gives the image to a machine that can.";

    /// <summary>Mounts an image and holds it until it is unmounted or something it stands on dies.</summary>
    /// <param name="request">What and where.</param>
    /// <param name="ready">Is called once, when everything is mounted.</param>
    /// <param name="observer">Is told what couldn't be mounted.</param>
    /// <param name="cancellation">Unmounts.</param>
    /// <exception cref="TidemarkException">It can't be mounted; nothing stays behind.</exception>
    public static void Run(MountRequest request, Action<MountResult> ready, IRunObserver observer, CancellationToken cancellation)
    {
        RequireLinux("mount");
        var folder = Prepare(request.Folder);
        using var image = ServedImage.Open(request.Image, request.Key, observer.Warn);
        using var session = MountSession.Open(folder, request.Image.Text, image.Start, new ProgramWait(observer.Warn, cancellation));
        var result = new MountResult
        {
            Chain = image.Chain,
            Sequence = image.Sequence,
            Folder = folder,
            File = session.File,
            Volumes = [.. session.Volumes.Select(volume => ImageVolume.Of(volume.Place, volume.Mounted?.Folder, volume.Problem, volume.Mounted?.DefaultSubvolume))],
        };
        foreach (var volume in result.Volumes.Where(volume => volume.Problem is not null))
        {
            observer.Warn($"{(volume.Name.Length > 0 ? volume.Name : "The image")} isn't mounted: {volume.Problem}.");
        }

        foreach (var (place, _, _) in session.Volumes.Where(volume => volume.Mounted is not null))
        {
            if (MountedVolume.Caution(place) is { } caution)
            {
                observer.Warn($"{(place.Name.Length > 0 ? place.Name : "The image")} is mounted as it stands: {caution}.");
            }
        }

        ready(result);
        session.Wait(cancellation);
    }

    /// <summary>Takes a mounted image down.</summary>
    /// <param name="folder">The folder that it is mounted on.</param>
    /// <param name="force">Whether to take it from who still uses it.</param>
    /// <returns>The image, as it was named.</returns>
    /// <exception cref="TidemarkException">Nothing is mounted there, or it is in use.</exception>
    public static string Unmount(string folder, bool force)
    {
        RequireLinux("unmount");
        folder = UserPath.Settle(folder);
        var path = FullPath(folder);
        var record = MountRecord.TryFind(path);
        if (record is not null)
        {
            Unmounting.TakeDown(record, force);
        }

        Unmounting.Sweep();
        return record?.Image ?? throw TidemarkException.WrongUse($"No image is mounted on {folder} by this user.");
    }

    internal static void RequireLinux(string verb)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw TidemarkException.WrongUse($"'tidemark {verb}' {Elsewhere}");
        }
    }

    // A mount that died goes first; one that lives stays.
    private static string Prepare(string folder)
    {
        OutputPath.Require(folder);
        var path = FullPath(folder);
        if (MountRecord.TryFind(path) is { } record)
        {
            if (record.IsAlive)
            {
                throw new TidemarkException(
                    TidemarkError.Busy, $"{record.Image} is mounted on {folder}. 'tidemark unmount {folder}' takes it down.");
            }

            Unmounting.TakeDown(record, force: true);
        }

        if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
        {
            throw TidemarkException.WrongUse($"{folder} isn't an empty folder. Give one that is, or a name that is free.");
        }

        return Directory.CreateDirectory(path).FullName;
    }

    // As the kernel's tables name it: without links on the way.
    private static string FullPath(string folder)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        return Path.GetDirectoryName(path) is { } parent && Directory.Exists(parent) ? Path.Combine(RealPath(parent), Path.GetFileName(path)) : path;
    }

    private static string RealPath(string folder)
    {
        var parts = folder.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var path = "/";
        foreach (var part in parts)
        {
            var next = Path.Combine(path, part);
            path = Directory.ResolveLinkTarget(next, returnFinalTarget: true) is { } target ? RealPath(target.FullName) : next;
        }

        return path;
    }
}
