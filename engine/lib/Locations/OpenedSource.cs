using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Nbd;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Devices.VirtualDisks.Qcow2;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Tidemark.Engine.Format;
using Tidemark.Engine.Programs;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Snapshots;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Locations;

/// <summary>A source as the user named it: the device to read, what it is, and what it is known by.</summary>
internal sealed class OpenedSource : IDisposable
{
    private OpenedSource(
        BlockDevice device, string path, SourceDescription description, string? format, IEnumerable<string?> notes,
        VolumeSnapshot? snapshot = null)
    {
        Device = device;
        Path = path;
        Snapshot = snapshot;
        Description = format is null ? description.Summary : $"{description.Summary} in {format}";
        Identity = description.Identity;
        Serial = description.Serial;
        Notes = [.. notes.OfType<string>(), .. (description.Table?.Odd ?? []).Select(odd => $"of {path}'s partition table, {odd}: no partition is there")];
    }

    public BlockDevice Device { get; }

    public string Path { get; }

    /// <summary>In a few words: "ext4 volume", "disk with GPT, 3 partitions in VHD, dynamic".</summary>
    public string Description { get; }

    public SourceIdentity Identity { get; }

    /// <summary>What the device is called by its maker; null where it has no such number.</summary>
    public string? Serial { get; }

    /// <summary>What is odd about it, and why it can't be read around the page cache, for people.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Those of the notes that speak of the disk in a file.</summary>
    private IReadOnlyList<string> OddNotes { get; init; } = [];

    /// <summary>Why it may not be what it was taken for; null where nothing says so.</summary>
    public string? Doubt { get; private init; }

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
        return new OpenedSource(device, path, description, null, [device.BufferedNote], snapshot);
    }

    /// <summary>Opens a file, block device, VHD, VHDX or the export of an NBD server for reading.</summary>
    /// <param name="path">As the user named it.</param>
    /// <param name="format">What it is, where that was said.</param>
    /// <param name="given">Other files that were given, which it may name.</param>
    /// <param name="wait">For another program; without one nobody hears of it.</param>
    public static OpenedSource Open(
        string path, SourceFormat format = SourceFormat.Auto, IReadOnlyList<ImportFile>? given = null, ProgramWait? wait = null)
    {
        if (NbdAddress.IsMeant(path))
        {
            SourceFile.RequireFile(path, isFile: false, format);
            return OpenExport(path, NbdAddress.Parse(path));
        }

        if (path == OutputPath.Stream)
        {
            throw TidemarkException.WrongUse(
                "'-' is standard input, and a source is read at any place and more than once. Give a file or device; a file of that very name is ./-.");
        }

        if (format == SourceFormat.Qcow2)
        {
            return OpenQcow2(path, given ?? [], wait ?? new ProgramWait(_ => { }, CancellationToken.None));
        }

        var raw = RawDevice.OpenSource(path);
        BlockDevice device = raw;
        try
        {
            SourceFile.RequireFile(path, !raw.IsBlockDevice, format);
            IdentityItem? diskId = null;
            VirtualDisk? disk = null;

            // A block device is imaged as it is, whatever its content looks like.
            if (!raw.IsBlockDevice && SourceFile.Parse(raw, format) is { } found)
            {
                device = disk = found;
                disk.Link(ParentSource.Files([.. (given ?? []).Select(file => file.Path)]), 1);
                diskId = new IdentityItem(
                    disk is VhdxDisk ? IdentityKind.VhdxDiskId : IdentityKind.VhdUniqueId, disk.UniqueId.ToString("D"));
            }

            var description = SourceProbe.Probe(device, path, diskId, RawDevice.OpenRead);
            return new OpenedSource(device, path, description, disk?.FormatName, [raw.BufferedNote, .. disk?.Notes ?? []])
            {
                OddNotes = [.. disk?.Notes ?? []],
                Doubt = disk is null && format == SourceFormat.Auto ? SourceFile.Doubt(raw) : null,
            };
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    /// <summary>A device that is open already, known by an identity that somebody else found; it is disposed with this.</summary>
    public static OpenedSource Of(BlockDevice device, string path, SourceIdentity identity) =>
        new(device, path, new SourceDescription(identity, null, null), null, []);

    /// <summary>Warns of what is odd about a source that something is compared with.</summary>
    public void Tell(IRunObserver observer)
    {
        foreach (var note in OddNotes.Append(Doubt).OfType<string>())
        {
            observer.Warn(note);
        }
    }

    public void Dispose() => Device.Dispose();

    private static OpenedSource OpenQcow2(string path, IReadOnlyList<ImportFile> given, ProgramWait wait)
    {
        var device = QemuDisk.Open(path, [.. given.Select(file => file.Given)], wait);
        try
        {
            return new OpenedSource(device, path, SourceProbe.Probe(device, path, null, RawDevice.OpenRead), "qcow2", []);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }

    private static OpenedSource OpenExport(string path, NbdAddress address)
    {
        var device = NbdDevice.Open(address, write: false);
        try
        {
            var found = SourceProbe.Probe(device);
            var identity = SourceIdentity.Of([.. found.Identity.Items, FileHints.OfAddress(address.ToString())]);
            return new OpenedSource(device, path, found with { Identity = identity }, "NBD", []);
        }
        catch
        {
            device.Dispose();
            throw;
        }
    }
}
