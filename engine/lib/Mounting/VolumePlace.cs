using Tidemark.Engine.Devices;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Mounting;

/// <summary>A volume within an imaged device: a partition of it, or all of it.</summary>
/// <param name="Name">"p1" for the partition that Linux would number 1; empty for the whole.</param>
/// <param name="Offset">Where it begins, in bytes.</param>
/// <param name="Length">Its bytes; cut at the device's end.</param>
/// <param name="Content">What it holds; null where nothing is recognised.</param>
internal sealed record VolumePlace(string Name, long Offset, long Length, VolumeContent? Content)
{
    /// <summary>What it holds in a few words.</summary>
    public string Summary => Content is null ? "unrecognised content" : Content.Label is { } label ? $"{Content.Type} \"{label}\"" : Content.Type;

    /// <summary>All volumes of a device: those of its partition table in its order, or the device itself.</summary>
    public static IReadOnlyList<VolumePlace> Of(BlockDevice device)
    {
        var whole = new VolumeView(device);
        if (VolumeProbe.TryReadTable(whole) is not { } table)
        {
            return [new VolumePlace("", 0, device.Length, VolumeProbe.TryReadContent(whole))];
        }

        var places = new List<VolumePlace>();
        foreach (var partition in table.Partitions.OrderBy(p => p.Number))
        {
            // An extended partition is cut into the logical ones, which come by themselves.
            if (whole.Slice(partition.Offset, partition.Length) is { } view)
            {
                places.Add(new VolumePlace($"p{partition.Number}", view.Offset, view.Length, VolumeProbe.TryReadContent(view)));
            }
        }

        return places;
    }
}
