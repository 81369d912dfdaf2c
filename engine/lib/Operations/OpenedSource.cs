using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations;

/// <summary>A source as the user named it: the device to read, what it is, and what it is known by.</summary>
internal sealed class OpenedSource : IDisposable
{
    private OpenedSource(BlockDevice device, string path, SourceDescription description, string? format, string? note)
    {
        Device = device;
        Path = path;
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

    /// <summary>Opens a file, block device, VHD or VHDX for reading.</summary>
    public static OpenedSource Open(string path)
    {
        var raw = RawDevice.OpenRead(path);
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

    public void Dispose() => Device.Dispose();
}
