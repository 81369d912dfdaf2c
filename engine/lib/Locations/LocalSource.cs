using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Devices.VirtualDisks.Qcow2;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Tidemark.Engine.Format;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Snapshots;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Locations;

/// <summary>
/// A path of this system: a file or a block device. Which of both, the open descriptor tells and no earlier look.
/// </summary>
internal class LocalSource : SourceLocation
{
    protected LocalSource(string path, SourceFormat format)
        : base(path, format)
    {
    }

    internal override string ShortName => Path.GetFileName(Path.TrimEndingDirectorySeparator(Text));

    internal override SnapshotCandidate? Candidate => new SnapshotCandidate(Text, null);

    internal override PathStatus? Status => PathStatus.TryOf(Text);

    public static SourceLocation? TryParse(string text, SourceFormat format) =>
        UrlScheme.Of(text).Length == 0 ? new LocalSource(UserPath.Settle(text), format) : null;

    internal override SourceLocation As(SourceFormat format) => new LocalSource(Text, format);

    internal override OpenedSource Open(SourceHelp? files = null)
    {
        files ??= SourceHelp.None;
        if (Format == SourceFormat.Qcow2)
        {
            return OpenQcow2(files);
        }

        var raw = RawDevice.OpenSource(Text);
        BlockDevice device = raw;
        try
        {
            SourceFile.RequireFile(Text, !raw.IsBlockDevice, Format);
            IdentityItem? diskId = null;
            VirtualDisk? disk = null;

            // A block device is imaged as it is, whatever its content looks like.
            if (!raw.IsBlockDevice && SourceFile.Parse(raw, Format) is { } found)
            {
                device = disk = found;
                disk.Link(ParentSource.Files([.. files.Given.Select(file => file.Path)]), 1);
                diskId = new IdentityItem(
                    disk is VhdxDisk ? IdentityKind.VhdxDiskId : IdentityKind.VhdUniqueId, disk.UniqueId.ToString("D"));
            }

            var description = SourceProbe.Probe(device, Text, diskId, RawDevice.OpenRead);
            return new OpenedSource(device, this, description, disk?.FormatName, [raw.BufferedNote, .. disk?.Notes ?? []])
            {
                OddNotes = [.. disk?.Notes ?? []],
                Doubt = disk is null && Format == SourceFormat.Auto ? SourceFile.Doubt(raw) : null,
            };
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    internal override OpenedSource OpenHeld(VolumeSnapshot snapshot)
    {
        SourceDescription description;
        using (var volume = RawDevice.OpenSource(Text))
        {
            description = SourceProbe.Probe(volume, Text, null, RawDevice.OpenRead);
        }

        var device = RawDevice.OpenRead(snapshot.DevicePath);
        return new OpenedSource(device, this, description, null, [device.BufferedNote], snapshot);
    }

    internal override void WarnIfLive(IRunObserver observer)
    {
        // Where the system has snapshots, HeldSources has said already what isn't held.
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        const string Torn = "what changes while it is read may not fit together";
        var usage = VolumeTable.Load().UsageOf(Text);
        if (usage.IsMountedReadWrite)
        {
            var where = usage.Mounts.First(m => !m.IsReadOnly).MountPoint;
            observer.Warn(
                $"{Text} is mounted read-write at {where} and nothing holds it still: {Torn}. Image a snapshot of it, remount it read-only, "
                + "or freeze it meanwhile (tidemark-frozen does).");
            return;
        }

        if (usage.Holders.Where(IsWritableLoop).ToArray() is { Length: > 0 } loops)
        {
            observer.Warn(
                $"{Text} stands behind {string.Join(", ", loops.Select(name => $"/dev/{name}"))}, and somebody may write to that: {Torn}. Detach it "
                + "first (losetup -d), or image the loop device itself once nobody uses it.");
        }

        if (FileLocks.WriterOf(Text) is { } writer)
        {
            observer.Warn(
                $"{Text} is in use: {writer} holds it by a lock that says it writes to it, so that {Torn}. Shut the machine down first, or image "
                + "a snapshot.");
        }
    }

    internal override string? WhyLive()
    {
        // Nothing is known of who writes to a file there.
        if (OperatingSystem.IsWindows())
        {
            return null;
        }

        var usage = VolumeTable.Load().UsageOf(Text);
        return usage.IsMountedReadWrite ? "it is mounted read-write and nothing holds it still"
            : usage.Holders.Any(IsWritableLoop) ? "a loop device stands on it that somebody may write to"
            : FileLocks.WriterOf(Text) is { } writer ? $"{writer} writes to it"
            : null;
    }

    internal override bool Holds(StoreLocation store) => store.LocalPath is { } path && VolumeTable.Load().LiesOn(path, Text);

    internal override bool IsSame(SourceLocation other) => base.IsSame(other)
        || (other is LocalSource && Status is { Kind: PathKind.File or PathKind.BlockDevice } mine && other.Status is { } its && mine.Storage == its.Storage);

    private static bool IsWritableLoop(string name) =>
        name.StartsWith("loop", StringComparison.Ordinal) && SysfsBlock.TryOf(name) is { IsReadOnly: false };

    private OpenedSource OpenQcow2(SourceHelp files)
    {
        var device = QemuDisk.Open(Text, [.. files.Given.Select(file => file.Given)], files.Wait);
        try
        {
            return new OpenedSource(device, this, SourceProbe.Probe(device, Text, null, RawDevice.OpenRead), "qcow2", []);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }
}
