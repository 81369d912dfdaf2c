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

    private RestoreTarget(string path, RawDevice device, bool created, bool keeps)
    {
        Keeps = keeps;
        this.path = path;
        this.created = created;
        Device = device;
    }

    public RawDevice Device { get; }

    /// <summary>Whether all of it reads as zeros before anything is written, so that zeros need no write.</summary>
    public bool IsBlank => !Keeps && !Device.IsBlockDevice;

    /// <summary>Whether it still holds what it held, to be compared.</summary>
    public bool Keeps { get; }

    /// <param name="image">The header of what is restored.</param>
    /// <param name="whole">Whether it is the whole volume, which the image's identity names.</param>
    /// <param name="length">Bytes that are restored.</param>
    /// <param name="chainPath">The chain's folder.</param>
    public static RestoreTarget Open(RestoreRequest request, ImageHeader image, bool whole, long length, string chainPath)
    {
        var path = request.Target;
        var isDevice = RawDevice.IsDevicePath(path);
        if (!isDevice && Directory.Exists(path))
        {
            throw TidemarkException.WrongUse($"{path} is a folder. Give the file or block device to restore to.");
        }

        var exists = isDevice || File.Exists(path);
        if (exists)
        {
            RequireFree(path, chainPath);
            using var existing = RawDevice.OpenRead(path);
            RequireRoomAndConsent(request, whole ? image.Identity : SourceIdentity.None, length, existing);
            if (existing.IsBlockDevice)
            {
                existing.Dispose();
                return new RestoreTarget(path, RawDevice.OpenWrite(path), created: false, keeps: request.Delta);
            }

            if (request.Delta)
            {
                existing.Dispose();
                Fit(path, length);
                return new RestoreTarget(path, RawDevice.OpenWrite(path), created: false, keeps: true);
            }
        }

        var device = RawDevice.Create(path, length, replace: exists);
        return new RestoreTarget(path, device, created: !exists, keeps: false);
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

    private static StringComparison PathComparison =>
        OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>Cuts or lengthens a file to the image's size; what it has more then is a hole.</summary>
    private static void Fit(string path, long length)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write);
            file.SetLength(length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TidemarkException.Failed($"{path} can't become {length} bytes long: {e.Message}", e);
        }
    }

    private static void RequireFree(string path, string chainPath)
    {
        if (OperatingSystem.IsLinux())
        {
            RequireUnmounted(path, chainPath);
        }
        else
        {
            RawDevice.RequireTarget(path, chainPath);
        }

        if (RawDevice.IsDevicePath(path))
        {
            return;
        }

        var full = Path.GetFullPath(path);
        var folder = Path.GetFullPath(chainPath);
        if (string.Equals(Path.GetDirectoryName(full), folder, PathComparison) && ImageNames.TryParse(Path.GetFileName(full), out _, out _))
        {
            throw TidemarkException.WrongUse($"{path} is an image of the chain itself.");
        }
    }

    private static void RequireUnmounted(string path, string chainPath)
    {
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
    }

    private static void RequireRoomAndConsent(RestoreRequest request, SourceIdentity identity, long length, RawDevice existing)
    {
        var path = request.Target;
        if (existing.IsBlockDevice && existing.Length < length)
        {
            throw TidemarkException.WrongUse(
                $"{path} has {existing.Length} bytes and the image {length}: it doesn't fit. Give a target at least as large.");
        }

        if (request.Force)
        {
            return;
        }

        var there = SourceProbe.Probe(existing, path, null, RawDevice.OpenRead);
        if (SourceIdentity.Matches(there.Identity, identity))
        {
            throw TidemarkException.WrongUse(
                $"{path} is the source this image was made of ({identity.ToShortString()}). Give --force to overwrite it.");
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
