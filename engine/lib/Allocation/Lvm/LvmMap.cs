using Tidemark.Engine.Allocation.Disks;

namespace Tidemark.Engine.Allocation.Lvm;

/// <summary>
/// What is used of an LVM2 physical volume: the extents of logical volumes. Those that lie whole on it, linear or in stripes, are
/// looked into.
/// </summary>
internal sealed class LvmMap : AllocationMap
{
    /// <summary>Logical volumes that are looked into at most, since the map of each takes memory.</summary>
    private const int MaxMaps = 64;

    /// <summary>Runs of a volume that is looked into at most: each of its reads goes through them.</summary>
    private const int MaxRuns = 256;

    private readonly long start;
    private readonly long end;
    private readonly List<Piece> pieces = [];
    private readonly List<AllocationMap> maps = [];

    private LvmMap(AllocationSource physical, LvmHeader header, LvmGroup group, int depth)
    {
        Length = physical.Length;
        (start, end) = (group.Start, group.End);
        if (end > Length || header.MetadataAreas.Concat(header.OtherAreas).Any(area => area.Offset < end && area.Size > start - area.Offset))
        {
            throw new AllocationException("its LVM metadata contradicts itself");
        }

        foreach (var volume in group.Volumes)
        {
            var map = TryOpen(physical, volume, depth);
            pieces.AddRange(volume.Runs.Select(run => new Piece(run, map)));
            var bytes = volume.Runs.Sum(run => run.Length);
            UsedBytes += map is null ? bytes : map.UsedBytes + bytes - map.Length;
            ExcludedBytes += map?.ExcludedBytes ?? 0;
        }

        UsedBytes += start + Length - end;
        pieces.Sort(static (a, b) => a.Run.Physical.CompareTo(b.Run.Physical));
        for (var i = 1; i < pieces.Count; i++)
        {
            if (pieces[i].Run.Physical < pieces[i - 1].Run.End)
            {
                throw new AllocationException("two of its logical volumes have the same extents");
            }
        }
    }

    public override string FileSystem => "lvm";

    public override long Length { get; }

    public override long UsedBytes { get; }

    public override long ExcludedBytes { get; }

    /// <summary>Opens the map of a physical volume; null where there is no label.</summary>
    /// <param name="physical">The physical volume.</param>
    /// <param name="depth">How many others this volume lies in.</param>
    /// <exception cref="AllocationException">There is, and what it says isn't to be believed.</exception>
    public static LvmMap? TryOpen(AllocationSource physical, int depth)
    {
        if (LvmHeader.TryRead(physical) is not { } header)
        {
            return null;
        }

        var texts = header.MetadataAreas.Select(area => LvmMetadataArea.TryRead(physical, area.Offset, area.Size)).OfType<string>().ToList();
        if (texts.Count == 0)
        {
            throw new AllocationException("its volume group isn't described on it");
        }

        // Copies are the same but for the moments of a change.
        return texts.Distinct(StringComparer.Ordinal).Count() == 1
            ? new LvmMap(physical, header, LvmGroup.Parse(texts[0], header.Id), depth)
            : throw new AllocationException("its LVM metadata is in the midst of a change");
    }

    protected override AllocationExtent Find(long offset)
    {
        if (offset < start || offset >= end)
        {
            return new AllocationExtent(offset, (offset < start ? start : Length) - offset, AllocationState.Used);
        }

        var index = FirstBehind(offset);
        if (index == pieces.Count || pieces[index].Run.Physical > offset)
        {
            var next = index == pieces.Count ? end : pieces[index].Run.Physical;
            return new AllocationExtent(offset, next - offset, AllocationState.Free);
        }

        var (run, map) = pieces[index];
        if (map is null)
        {
            return new AllocationExtent(offset, run.End - offset, AllocationState.Used);
        }

        var (logical, count) = run.ToLogical(offset);
        if (logical >= map.Length)
        {
            return new AllocationExtent(offset, count, AllocationState.Used);
        }

        var extent = map.ExtentAt(logical);
        return new AllocationExtent(offset, Math.Min(count, extent.Length), extent.State);
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var map in maps)
        {
            map.Dispose();
        }

        base.Dispose(disposing);
    }

    private AllocationMap? TryOpen(AllocationSource physical, LvmVolume volume, int depth)
    {
        if (!volume.IsWhole || volume.Runs.Count > MaxRuns || maps.Count == MaxMaps)
        {
            return null;
        }

        try
        {
            if (VolumeLayers.TryOpen(new LvmVolumeSource(physical, volume), depth + 1) is { } map)
            {
                maps.Add(map);
                return map;
            }
        }
        catch (AllocationException)
        {
            // One that has no map to believe is used, and says nothing of the others.
        }

        return null;
    }

    /// <summary>The first piece that ends behind a byte.</summary>
    private int FirstBehind(long offset)
    {
        var (low, high) = (0, pieces.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = pieces[middle].Run.End <= offset ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private readonly record struct Piece(LvmRun Run, AllocationMap? Map);
}
