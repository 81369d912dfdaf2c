using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Nbd;
using Tidemark.Engine.Format;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations.Restores;

/// <summary>Opens a target, or refuses it.</summary>
/// <param name="identity">What the restored volume is known by; none for a part of it.</param>
/// <param name="marker">What stands in the target while it is restored.</param>
/// <param name="fit">Decides how what is restored goes onto a block device; throws where it can't.</param>
internal delegate RestoreTarget TargetOpener(SourceIdentity identity, RestoreMarker marker, Func<BlockDevice, TargetFit> fit);

/// <summary>
/// Opens what is restored to, after everything was refused that would destroy something the user didn't mean: a
/// mounted, smaller or used target, the source itself, the store.
/// </summary>
internal sealed class RestoreTarget : IDisposable
{
    private readonly string path;
    private readonly bool created;
    private bool complete;

    private RestoreTarget(string path, BlockDevice device, bool created, TargetFit fit, Consent consent)
    {
        Keeps = consent != Consent.Overwrite;
        Resumed = consent == Consent.Resume;
        this.path = path;
        this.created = created;
        Device = device;
        Fit = fit;
    }

    private enum Consent
    {
        /// <summary>Nothing that is there counts.</summary>
        Overwrite,

        /// <summary>What is there is compared.</summary>
        Compare,

        /// <summary>The same, since it is what an interrupted restore left.</summary>
        Resume,
    }

    public BlockDevice Device { get; }

    /// <summary>Whether all of it reads as zeros before anything is written, so that zeros need no write.</summary>
    public bool IsBlank => !Keeps && Device is RawDevice { IsBlockDevice: false };

    /// <summary>Whether what it holds in places that aren't written stays: a file that is made has holes there.</summary>
    public bool HoldsOld => !IsBlank && Device is not StreamDevice;

    /// <summary>Whether it still holds what it held, to be compared.</summary>
    public bool Keeps { get; }

    /// <summary>Whether what it holds is what an interrupted restore of the same left.</summary>
    public bool Resumed { get; }

    public TargetFit Fit { get; }

    /// <param name="identity">What the restored volume is known by; none for a part of it.</param>
    /// <param name="marker">What stands in the target while it is restored.</param>
    /// <param name="fit">Decides how what is restored goes onto a block device; throws where it can't.</param>
    public static RestoreTarget Open(
        RestoreRequest request, SourceIdentity identity, RestoreMarker marker, Func<BlockDevice, TargetFit> fit)
    {
        var (target, chain) = (request.Target, request.Image.Location);
        if (target.Export is { } export)
        {
            return On(NbdDevice.Open(export, write: true), request, identity, marker, fit);
        }

        if (target.LocalPath is not { } path)
        {
            return ToStream(request, marker.Length);
        }

        var isDevice = target.IsWindowsDevice;
        if (!isDevice)
        {
            RequirePlace(path, chain);
        }

        var plain = TargetFit.Plain(marker.Length);
        var exists = isDevice || File.Exists(path);
        if (exists)
        {
            RequireFree(path, chain);
            using var existing = RawDevice.OpenRead(path);
            var how = existing.IsBlockDevice ? fit(existing) : plain;
            var consent = RequireConsent(request, identity, marker, existing);
            if (existing.IsBlockDevice)
            {
                existing.Dispose();
                return new RestoreTarget(path, RawDevice.OpenWrite(path), created: false, how, consent);
            }

            if (consent != Consent.Overwrite)
            {
                existing.Dispose();
                return new RestoreTarget(path, OpenFile(path, marker.Length), created: false, how, consent);
            }
        }

        var device = RawDevice.Create(path, marker.Length, replace: exists);
        return new RestoreTarget(path, device, created: !exists && !request.Resume, plain, Consent.Overwrite);
    }

    /// <summary>
    /// Makes everything durable and has the system look at the target anew; it is kept from here on. Returns what the
    /// system didn't take notice of, or null.
    /// </summary>
    public string? Complete()
    {
        Device.Flush();
        complete = true;
        return (Device as RawDevice)?.Announce();
    }

    /// <summary>Whether an interruption leaves the target there, to be resumed.</summary>
    public bool StaysUnfinished => !created;

    /// <summary>Closes the target; a file made for a restore that didn't end well is removed.</summary>
    public void Dispose()
    {
        Device.Dispose();
        if (created && !complete)
        {
            File.Delete(path);
        }
    }

    /// <summary>Takes a device that is open, and is nothing of this system's; it is closed with the target.</summary>
    public static RestoreTarget On(
        BlockDevice device, RestoreRequest request, SourceIdentity identity, RestoreMarker marker, Func<BlockDevice, TargetFit> fit)
    {
        try
        {
            var how = fit(device);
            return new RestoreTarget(request.Target.Text, device, created: false, how, RequireConsent(request, identity, marker, device));
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>Opens a file and gives it the image's length; what it has more then is a hole.</summary>
    private static RawDevice OpenFile(string path, long length)
    {
        var file = RawDevice.OpenWrite(path);
        try
        {
            file.Resize(length);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static RestoreTarget ToStream(RestoreRequest request, long length)
    {
        if (request.Delta || request.Resume)
        {
            throw TidemarkException.WrongUse(
                $"{request.Target} stands for a stream, of which nothing can be read to be compared. Restore all of it, or give a file or device.");
        }

        var stream = request.Target.OpenStream(length);
        return new RestoreTarget(request.Target.Text, stream, created: false, TargetFit.Plain(length), Consent.Overwrite);
    }

    /// <summary>Refuses a path at which no file may come into being, or be written to.</summary>
    private static void RequirePlace(string path, StoreLocation chain)
    {
        if (Directory.Exists(path))
        {
            throw TidemarkException.WrongUse($"{path} is a folder. Give the file or block device to restore to.");
        }

        if (PathStatus.TryOf(path) is not { Kind: PathKind.BlockDevice })
        {
            OutputPath.Require(path);
            ChainGuard.Require(path, chain);
        }
    }

    /// <summary>Refuses what somebody uses, or the chain lies on.</summary>
    /// <exception cref="TidemarkException">It is used.</exception>
    internal static void RequireFree(string path, StoreLocation chain)
    {
        if (OperatingSystem.IsLinux())
        {
            RequireUnmounted(path, chain);
        }
        else
        {
            RawDevice.RequireTarget(path, chain.LocalPath);
        }
    }

    private static void RequireUnmounted(string path, StoreLocation chain)
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

        if (usage.Holders.Count > 0)
        {
            var loops = string.Join(", ", usage.Holders.Select(name => $"/dev/{name}"));
            throw TidemarkException.WrongUse(
                $"{path} is what {loops} stands on, and whoever opens that would find it changed. Detach it first (losetup -d {loops}).");
        }

        if (chain.LocalPath is { } folder && mounts.LiesOn(folder, path))
        {
            throw TidemarkException.WrongUse($"The chain {chain} lies on {path} itself; restoring there would destroy it.");
        }
    }

    private static Consent RequireConsent(RestoreRequest request, SourceIdentity identity, RestoreMarker marker, BlockDevice existing)
    {
        var path = request.Target.Text;
        var unfinished = RestoreMarker.TryRead(new VolumeView(existing));
        if (request.Resume && unfinished == marker)
        {
            return Consent.Resume;
        }

        var keeps = request.Delta || request.Resume ? Consent.Compare : Consent.Overwrite;
        if (request.Force)
        {
            return keeps;
        }

        if (unfinished is not null)
        {
            throw unfinished == marker
                ? TidemarkException.WrongUse($"{path} holds an unfinished restore of this image.", Advice.ResumeOrOverwrite)
                : TidemarkException.WrongUse(
                    $"{path} holds an unfinished restore of image {unfinished.Sequence} of chain {unfinished.ChainId}. Go on with that one.", Advice.Overwrite);
        }

        var there = existing is RawDevice
            ? SourceProbe.Probe(existing, path, null, RawDevice.OpenRead)
            : SourceProbe.Probe(existing);
        if (SourceIdentity.Matches(there.Identity, identity))
        {
            throw TidemarkException.WrongUse(
                $"{path} is the source this image was made of ({identity.ToShortString()}).", Advice.Overwrite);
        }

        var finished = request.Resume
            ? " There is no unfinished restore on it: either it was finished, which a verification of the image against it tells, or it is something else."
            : "";
        if (existing is RawDevice { IsBlockDevice: false } file)
        {
            // A file without content is what a restore leaves that was killed before its first write.
            return request.Resume && IsEmpty(file)
                ? Consent.Overwrite
                : throw TidemarkException.WrongUse($"{path} is there already.{finished}", Advice.Overwrite);
        }

        var survey = DiskSurvey.Of(existing);
        if (there.Table is not null || there.Content is not null || !survey.IsBlank)
        {
            var known = there.Table is not null || there.Content is not null;
            throw TidemarkException.WrongUse(
                !known && survey is { Known.Count: 0, Unreadable: { } problem }
                    ? $"{path} can't be read where something may lie, so it can't be told whether it holds something: {problem.Message}{finished}"
                    : $"{path} holds something ({survey.Summary(known ? there.Summary : null)}).{finished}",
                Advice.Overwrite);
        }

        return request.Delta ? Consent.Compare : Consent.Overwrite;
    }

    private static bool IsEmpty(RawDevice file)
    {
        for (long at = 0; at < file.Length;)
        {
            var extent = file.ExtentAt(at);
            if (extent.Kind != ExtentKind.Unallocated)
            {
                return false;
            }

            at = extent.End;
        }

        return true;
    }
}
