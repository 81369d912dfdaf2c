using Tidemark.Engine.Devices;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations.Exports;

/// <summary>The file of an export: written under a temporary name, and given its own in one step when it is whole.</summary>
internal sealed class ExportTarget : IDisposable
{
    /// <summary>A name that nobody else uses: what an export that was killed left under it is taken over.</summary>
    public const string TemporaryExtension = ".tidemark-part";

    private readonly string path;
    private readonly string temporary;
    private readonly bool replace;
    private bool complete;

    private ExportTarget(string path, string temporary, bool replace, RawDevice device)
    {
        this.path = path;
        this.temporary = temporary;
        this.replace = replace;
        Device = device;
    }

    public RawDevice Device { get; }

    /// <param name="file">The file to make.</param>
    /// <param name="replace">Whether one that is there is replaced at the end.</param>
    /// <param name="chain">The chain, in whose folder nothing may look like an image.</param>
    /// <exception cref="TidemarkException">The file is there, or can't be made.</exception>
    public static ExportTarget Open(TargetLocation file, bool replace, StoreLocation chain)
    {
        if (file.LocalPath is not { } given || file.IsWindowsDevice)
        {
            throw IsDevice(file);
        }

        if (Directory.Exists(given))
        {
            throw TidemarkException.WrongUse($"{file} is a folder. Give the file to export to.");
        }

        OutputPath.Require(given);
        ChainGuard.Require(given, chain);
        var path = Path.GetFullPath(given);
        if (File.Exists(path))
        {
            using var existing = RawDevice.OpenRead(path);
            if (existing.IsBlockDevice)
            {
                throw IsDevice(file);
            }

            if (!replace)
            {
                throw TidemarkException.WrongUse($"{file} is there already.", Advice.Replace);
            }

            RestoreTarget.RequireFree(given, chain);
            FileLocks.RequireFree(given);
        }

        var temporary = path + TemporaryExtension;
        RemoveLeftover(temporary);
        return new ExportTarget(path, temporary, replace, RawDevice.Create(temporary, 0));
    }

    /// <summary>Makes everything durable and gives the file its name.</summary>
    /// <param name="time">When the file is of: the time of its image, which an import takes it for again.</param>
    /// <returns>The file's length.</returns>
    public long Complete(DateTimeOffset time)
    {
        var length = Device.Length;
        Device.Flush();
        Device.Dispose();
        try
        {
            File.SetLastWriteTimeUtc(temporary, time.UtcDateTime);
            File.Move(temporary, path, replace);
        }
        catch (IOException) when (!replace && File.Exists(path))
        {
            throw TidemarkException.Failed($"{path} came into being meanwhile. Give another name.", advice: Advice.Replace);
        }

        complete = true;
        LocalStoreFolder.Open(Path.GetDirectoryName(path)!).Flush();
        return length;
    }

    /// <summary>Closes the file; what didn't get its name is removed.</summary>
    public void Dispose()
    {
        Device.Dispose();
        if (!complete)
        {
            File.Delete(temporary);
        }
    }

    /// <summary>
    /// Takes away what an export that was killed left. The name goes and not what a link under it leads to; an export that goes
    /// on holds its file.
    /// </summary>
    private static void RemoveLeftover(string temporary)
    {
        if (RealPath.LinkOf(temporary) is null && File.Exists(temporary))
        {
            FileLocks.RequireFree(temporary);
        }

        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TidemarkException.Failed($"{temporary} is in the way of the export and can't be removed: {e.Message} Remove it, and try again.", e);
        }
    }

    private static TidemarkException IsDevice(TargetLocation file) =>
        TidemarkException.WrongUse($"{file} is a device, and an export makes a file. 'tidemark restore' writes to devices.");
}
