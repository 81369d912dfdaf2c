using Tidemark.Engine.Devices;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Allocation.Disks;

/// <summary>
/// What is used of a whole source: a disk's partitions, each by its own map, or the one volume that it is. What lies between
/// partitions, their tables with them, and what nobody knows is used. It always exists: at worst all is used, and says why.
/// </summary>
internal sealed class DiskMap : AllocationMap
{
    /// <summary>
    /// Types of partitions in which volumes of several disks lie in pieces: what stands at their start may go on elsewhere.
    /// LDM of MBR disks and of GPT disks, and Storage Spaces.
    /// </summary>
    private static readonly string[] pooledTypes =
        ["0x42", "af9b60a0-1431-4f62-bc68-3311714a69ad", "e75caf8f-f680-4cee-afa3-b001e56efc2d"];

    /// <summary>Extended partitions: their logical ones are in the table as well.</summary>
    private static readonly string[] extendedTypes = ["0x05", "0x0f", "0x85"];

    private readonly List<Region> regions;

    private DiskMap(long length, List<Region> regions)
    {
        Length = length;
        this.regions = regions;
        Volumes = [.. regions.OrderBy(region => region.Usage.Partition).Select(region => region.Usage)];
        var known = regions.Sum(region => region.Map?.Length ?? 0);
        UsedBytes = length - known + regions.Sum(region => region.Map?.UsedBytes ?? 0);
        ExcludedBytes = regions.Sum(region => region.Map?.ExcludedBytes ?? 0);
    }

    public override string FileSystem => regions is [{ Map: { } map, Usage.Partition: null }] ? map.FileSystem : "disk";

    public override long Length { get; }

    public override long UsedBytes { get; }

    public override long ExcludedBytes { get; }

    /// <summary>One for each partition, by its number; or one for the whole source where it has no partition table.</summary>
    public IReadOnlyList<VolumeUsage> Volumes { get; }

    /// <summary>Opens the map of a source.</summary>
    /// <param name="device">Stays the caller's.</param>
    public static DiskMap Open(BlockDevice device)
    {
        var source = new DeviceSource(device, 0, device.Length);
        var view = new VolumeView(device);
        if (VolumeProbe.TryReadTable(view) is not { } table)
        {
            return new DiskMap(device.Length, device.Length == 0 ? [] : [OpenRegion(source, view, null, 0, device.Length, null)]);
        }

        var remains = MagicTable.Find(view).Where(other => !other.IsCopy).Select(other => $"there is a {other.Name} on the disk").FirstOrDefault();
        var found = table.Partitions
            .Where(partition => partition.Offset >= 0 && partition.Offset < device.Length && partition.Length > 0 && !extendedTypes.Contains(partition.Type))
            .OrderBy(partition => partition.Offset).ToList();
        var regions = new List<Region>();
        foreach (var partition in found)
        {
            var length = Math.Min(partition.Length, device.Length - partition.Offset);
            var why = remains
                ?? (pooledTypes.Contains(partition.Type) ? "its volumes may lie on several disks" : null)
                ?? (length < partition.Length ? "it reaches past the end of the disk" : null)
                ?? (found.Any(other => other != partition && Overlap(partition, other)) ? "it overlaps another partition" : null);
            regions.Add(OpenRegion(source, view, partition.Number, partition.Offset, length, why));
        }

        return new DiskMap(device.Length, regions);
    }

    protected override AllocationExtent Find(long offset)
    {
        var index = FirstBehind(offset);
        if (index == regions.Count || regions[index].Usage.Offset > offset || regions[index].Map is not { } map)
        {
            return new AllocationExtent(offset, NextMap(index, offset) - offset, AllocationState.Used);
        }

        var start = regions[index].Usage.Offset;
        try
        {
            return map.ExtentAt(offset - start) with { Offset = offset };
        }
        catch (AllocationException)
        {
            // The rest of that one is read; what others say holds.
            return new AllocationExtent(offset, start + map.Length - offset, AllocationState.Used);
        }
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var region in regions)
        {
            region.Map?.Dispose();
        }

        base.Dispose(disposing);
    }

    private static bool Overlap(Partition one, Partition other) =>
        one.Offset - other.Offset < other.Length && other.Offset - one.Offset < one.Length;

    private static Region OpenRegion(DeviceSource source, VolumeView view, int? number, long offset, long length, string? why)
    {
        AllocationMap? map = null;
        if (why is null)
        {
            try
            {
                map = VolumeLayers.TryOpen(new RangeSource(source, offset, length));
                why = map is null ? "what it holds isn't known" : null;
            }
            catch (AllocationException e)
            {
                why = e.Message;
            }
        }

        return new Region(
            new VolumeUsage
            {
                Partition = number,
                Offset = offset,
                Length = length,
                Content = map?.FileSystem ?? (view.Slice(offset, length) is { } range ? VolumeProbe.TryReadContent(range)?.Type : null),
                UsedBytes = map is null ? length : length - map.Length + map.UsedBytes,
                FreeBytes = map is null ? 0 : map.Length - map.UsedBytes - map.ExcludedBytes,
                ExcludedBytes = map?.ExcludedBytes ?? 0,
                WhyWhole = why,
            },
            map);
    }

    /// <summary>Where the next map begins that may call something else than used; the end where there is none.</summary>
    private long NextMap(int index, long offset)
    {
        for (; index < regions.Count; index++)
        {
            if (regions[index].Map is not null && regions[index].Usage.Offset > offset)
            {
                return regions[index].Usage.Offset;
            }
        }

        return Length;
    }

    /// <summary>The first region whose map ends behind a byte, or that has none and does.</summary>
    private int FirstBehind(long offset)
    {
        var index = 0;
        while (index < regions.Count && regions[index].End <= offset)
        {
            index++;
        }

        return index;
    }

    private readonly record struct Region(VolumeUsage Usage, AllocationMap? Map)
    {
        /// <summary>Where what is known of it ends.</summary>
        public long End => Usage.Offset + (Map?.Length ?? Usage.Length);
    }
}
