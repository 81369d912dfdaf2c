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
    internal OpenedSource(
        BlockDevice device, SourceLocation location, SourceDescription description, string? format, IEnumerable<string?> notes,
        VolumeSnapshot? snapshot = null)
    {
        Device = device;
        Location = location;
        Snapshot = snapshot;
        Description = format is null ? description.Summary : $"{description.Summary} in {format}";
        Identity = description.Identity;
        Serial = description.Serial;
        Notes = [.. notes.OfType<string>(), .. (description.Table?.Odd ?? []).Select(odd => $"of {location}'s partition table, {odd}: no partition is there")];
    }

    public BlockDevice Device { get; }

    public SourceLocation Location { get; }

    /// <summary>In a few words: "ext4 volume", "disk with GPT, 3 partitions in VHD, dynamic".</summary>
    public string Description { get; }

    public SourceIdentity Identity { get; }

    /// <summary>What the device is called by its maker; null where it has no such number.</summary>
    public string? Serial { get; }

    /// <summary>What is odd about it, and why it can't be read around the page cache, for people.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Those of the notes that speak of the disk in a file.</summary>
    public IReadOnlyList<string> OddNotes { get; init; } = [];

    /// <summary>Why it may not be what it was taken for; null where nothing says so.</summary>
    public SourceDoubt? Doubt { get; init; }

    /// <summary>What holds it still; null where nothing does.</summary>
    public VolumeSnapshot? Snapshot { get; }

    /// <summary>A device that is open already, known by an identity that somebody else found; it is disposed with this.</summary>
    public static OpenedSource Of(BlockDevice device, SourceLocation location, SourceIdentity identity) =>
        new(device, location, new SourceDescription(identity, null, null), null, []);

    /// <summary>Warns of what is odd about a source that something is compared with.</summary>
    public void Tell(IRunObserver observer)
    {
        foreach (var note in OddNotes)
        {
            observer.Warn(note);
        }

        Doubt?.Tell(observer);
    }

    public void Dispose() => Device.Dispose();
}
