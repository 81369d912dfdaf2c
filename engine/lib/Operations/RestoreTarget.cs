using Tidemark.Engine.Devices;
using Tidemark.Engine.Images;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations;

/// <summary>
/// Opens what is restored to, after everything was refused that would destroy something the user didn't mean: a
/// mounted, smaller or used target, the source itself, the store.
/// </summary>
internal sealed class RestoreTarget : IDisposable
{
    private readonly string path;
    private readonly bool created;
    private bool complete;

    private RestoreTarget(string path, RawDevice device, bool created)
    {
        this.path = path;
        this.created = created;
        Device = device;
    }

    public RawDevice Device { get; }

    /// <summary>Whether all of it reads as zeros before anything is written, so that zeros need no write.</summary>
    public bool IsBlank => !Device.IsBlockDevice;

    public static RestoreTarget Open(RestoreRequest request, ImageReader image, string chainPath)
    {
        var path = request.Target;
        if (Directory.Exists(path))
        {
            throw TidemarkException.WrongUse($"{path} is a folder. Give the file or block device to restore to.");
        }

        var exists = File.Exists(path);
        if (exists)
        {
            RequireFree(path, chainPath);
            using var existing = RawDevice.OpenRead(path);
            RequireRoomAndConsent(request, image, existing);
            if (existing.IsBlockDevice)
            {
                existing.Dispose();
                return new RestoreTarget(path, RawDevice.OpenWrite(path), created: false);
            }
        }

        return new RestoreTarget(path, RawDevice.Create(path, image.Header.SourceBytes, replace: exists), created: !exists);
    }

    /// <summary>Makes everything durable; the target is kept from here on.</summary>
    public void Complete()
    {
        Device.Flush();
        complete = true;
    }

    /// <summary>Closes the target; a file made for a restore that didn't end well is removed.</summary>
    public void Dispose()
    {
        Device.Dispose();
        if (created && !complete)
        {
            File.Delete(path);
        }
    }

    private static void RequireFree(string path, string chainPath)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var mounts = MountTable.Load();
        var usage = mounts.UsageOf(path);
        if (usage.IsMounted)
        {
            throw TidemarkException.WrongUse(
                $"{path} is mounted at {usage.Mounts[0].MountPoint}: writing to it would destroy what is mounted. Unmount it first.");
        }

        if (usage.IsInUse)
        {
            throw TidemarkException.WrongUse(usage.IsSwap
                ? $"{path} is in use as swap space. Switch it off first (swapoff)."
                : $"{path} is part of {string.Join(", ", usage.Holders)}. Stop that first.");
        }

        if (mounts.LiesOn(chainPath, path))
        {
            throw TidemarkException.WrongUse($"The chain {chainPath} lies on {path} itself; restoring there would destroy it.");
        }

        var full = Path.GetFullPath(path);
        if (Path.GetDirectoryName(full) == Path.GetFullPath(chainPath) && ImageNames.TryParse(Path.GetFileName(full), out _, out _))
        {
            throw TidemarkException.WrongUse($"{path} is an image of the chain itself.");
        }
    }

    private static void RequireRoomAndConsent(RestoreRequest request, ImageReader image, RawDevice existing)
    {
        var header = image.Header;
        var path = request.Target;
        if (existing.IsBlockDevice && existing.Length < header.SourceBytes)
        {
            throw TidemarkException.WrongUse(
                $"{path} has {existing.Length} bytes and the image {header.SourceBytes}: it doesn't fit. Give a target at least as large.");
        }

        if (request.Force)
        {
            return;
        }

        var there = SourceProbe.Probe(existing, path, null, RawDevice.OpenRead);
        if (SourceIdentity.Matches(there.Identity, header.Identity))
        {
            throw TidemarkException.WrongUse(
                $"{path} is the source this image was made of ({header.Identity.ToShortString()}). Give --force to overwrite it.");
        }

        if (!existing.IsBlockDevice)
        {
            throw TidemarkException.WrongUse($"{path} is there already. Give --force to overwrite it.");
        }

        if (there.Table is not null || there.Content is not null)
        {
            throw TidemarkException.WrongUse($"{path} holds something ({there.Summary}). Give --force to overwrite it.");
        }
    }
}
