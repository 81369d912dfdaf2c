using System.Globalization;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Mounting;

/// <summary>A volume within an imaged device: a partition of it, or all of it.</summary>
/// <param name="Name">"p1" for the partition that Linux would number 1; empty for the whole.</param>
/// <param name="Offset">Where it begins, in bytes.</param>
/// <param name="Length">Its bytes; cut at the device's end.</param>
/// <param name="Content">What it holds; null where nothing is recognised.</param>
/// <param name="Problem">Why it can't be reached, though the partition table names it; null where it can.</param>
internal sealed record VolumePlace(string Name, long Offset, long Length, VolumeContent? Content, string? Problem = null)
{
    /// <summary>What it holds in a few words.</summary>
    public string Summary => Problem is not null ? "out of reach" : Content is null ? "unrecognised content" : Content.Label is { } label ? $"{Content.Type} \"{label}\"" : Content.Type;

    /// <summary>All volumes of a device: those of its partition table in its order, or the device itself.</summary>
    public static IReadOnlyList<VolumePlace> Of(BlockDevice device)
    {
        var (whole, other) = Within(new VolumeView(device));
        if (other is not null || VolumeProbe.TryReadTable(whole) is not { } table)
        {
            return [new VolumePlace("", whole.Offset, whole.Length, other ?? VolumeProbe.TryReadContent(whole))];
        }

        var places = new List<VolumePlace>();
        foreach (var partition in table.Partitions)
        {
            // An extended partition is cut into the logical ones, which come by themselves.
            var name = $"p{partition.Number}";
            if (whole.Slice(partition.Offset, partition.Length) is not { } view)
            {
                places.Add(OutOfReach(partition.Number, $"begins at byte {partition.Offset}, and the disk has {whole.Length}"));
                continue;
            }

            var (inner, content) = Within(view);
            places.Add(new VolumePlace(name, inner.Offset, inner.Length, content ?? VolumeProbe.TryReadContent(inner)));
        }

        places.AddRange(table.Odd.Select(entry => OutOfReach(entry.Number, entry.Reason)));
        return [.. places.OrderBy(place => int.Parse(place.Name.AsSpan(1), CultureInfo.InvariantCulture))];

        static VolumePlace OutOfReach(int number, string reason) => new($"p{number}", 0, 0, null, $"its entry in the partition table {reason}");
    }

    /// <summary>
    /// What a member of a mirror holds lies between its superblocks, and is whole by itself: without them no system takes
    /// it for a member of an array that it knows. Other members, and devices of bcache, are not for any driver.
    /// </summary>
    private static (VolumeView View, VolumeContent? Content) Within(VolumeView view)
    {
        if (BcacheSuperblock.TryRead(view) is { } cached)
        {
            return (view, cached);
        }

        if (MdMember.TryRead(view) is not { } member)
        {
            return (view, null);
        }

        if (member.IsCopy && view.Slice(member.Offset, member.Length) is { } inner)
        {
            return (inner, null);
        }

        return (view, VolumeContent.Of("md", "md", null, null) with
        {
            Elsewhere = string.Create(CultureInfo.InvariantCulture, $"it is one of the {member.Disks} disks of an array (md, level {member.Level})"),
        });
    }
}
