using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Tidemark.Engine.Snapshots;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations;

/// <summary>A source as the user named it: the device to read, what it is, and what it is known by.</summary>
internal sealed class OpenedSource : IDisposable
{
    private OpenedSource(
        BlockDevice device, string path, SourceDescription description, string? format, string? note, VolumeSnapshot? snapshot = null)
    {
        Device = device;
        Path = path;
        Snapshot = snapshot;
        Description = format is null ? description.Summary : $"{description.Summary} in {format}";
        Identity = description.Identity;
        Note = note;
    }

    public BlockDevice Device { get; }

    public string Path { get; }

    /// <summary>In a few words: "ext4 volume", "disk with GPT, 3 partitions in VHD, dynamic".</summary>
    public string Description { get; }

    public SourceIdentity Identity { get; }

    /// <summary>Why it can't be read around the page cache; null if it can.</summary>
    public string? Note { get; }

    /// <summary>What holds it still; null where nothing does.</summary>
    public VolumeSnapshot? Snapshot { get; }

    /// <summary>
    /// Opens a volume that is held still: what it is and what it is known by comes from the volume, its blocks from the
    /// snapshot. A snapshot has no place on a disk and no name of its own that would last.
    /// </summary>
    public static OpenedSource Open(string path, VolumeSnapshot snapshot)
    {
        SourceDescription description;
        using (var volume = RawDevice.OpenSource(path))
        {
            description = SourceProbe.Probe(volume, path, null, RawDevice.OpenRead);
        }

        var device = RawDevice.OpenRead(snapshot.DevicePath);
        return new OpenedSource(device, path, description, null, device.BufferedNote, snapshot);
    }

    /// <summary>Opens a file, block device, VHD or VHDX for reading.</summary>
    public static OpenedSource Open(string path)
    {
        var raw = RawDevice.OpenSource(path);
        BlockDevice device = raw;
        try
        {
            IdentityItem? diskId = null;
            string? format = null;

            // A block device is imaged as it is, whatever its content looks like.
            if (!raw.IsBlockDevice && VirtualDisk.TryOpen(raw, ParentFiles.Open, out var disk))
            {
                device = disk!;
                format = disk!.FormatName;
                diskId = new IdentityItem(
                    disk is VhdxDisk ? IdentityKind.VhdxDiskId : IdentityKind.VhdUniqueId, disk.UniqueId.ToString("D"));
            }

            var description = SourceProbe.Probe(device, path, diskId, RawDevice.OpenRead);
            return new OpenedSource(device, path, description, format, raw.BufferedNote);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>A device that is open already, known by an identity that somebody else found; it is disposed with this.</summary>
    public static OpenedSource Of(BlockDevice device, string path, SourceIdentity identity) =>
        new(device, path, new SourceDescription(identity, null, null), null, null);

    /// <summary>A disk that another reader opened from a file; it is disposed with this.</summary>
    /// <param name="path">The file, which names the disk where nothing in it does.</param>
    /// <param name="format">What people call the file's format.</param>
    public static OpenedSource Of(BlockDevice device, string path, string format) =>
        new(device, path, SourceProbe.Probe(device, path, null, RawDevice.OpenRead), format, null);

    public void Dispose() => Device.Dispose();
}
