namespace Tidemark.Engine.Allocation.Exfat;

/// <summary>
/// What the bitmap of an exFAT volume says, and of TexFAT's two either: readers that don't know of the second one go by the first.
/// All before the first cluster is used.
/// </summary>
internal sealed class ExfatMap : AllocationMap
{
    /// <summary>Characters of two bytes that an up-case table has at most.</summary>
    private const long MostUpcaseBytes = 128 << 10;

    private readonly ExfatVolume volume;
    private readonly ClusterBitmap[] bitmaps;

    private ExfatMap(ExfatVolume volume, ClusterBitmap[] bitmaps)
    {
        this.volume = volume;
        this.bitmaps = bitmaps;
        UsedBytes = volume.HeapOffset + (CountUsed() * volume.ClusterSize);
    }

    public override string FileSystem => "exfat";

    public override long Length => volume.HeapOffset + (volume.Clusters * (long)volume.ClusterSize);

    public override long UsedBytes { get; }

    /// <summary>The map of a volume; null where it isn't exFAT.</summary>
    /// <exception cref="AllocationException">It is, and its bitmap isn't to be believed.</exception>
    public static ExfatMap? TryOpen(AllocationSource source)
    {
        if (ExfatVolume.TryOpen(source) is not { } volume)
        {
            return null;
        }

        var root = new ExfatRoot(volume);
        var contents = new List<ExfatContent> { root.Content };
        var bitmaps = new List<ClusterBitmap>();
        foreach (var (first, length) in root.Bitmaps)
        {
            // Some formatters make it longer.
            var bytes = (volume.Clusters + 7L) / 8;
            var bitmap = volume.OpenChain(first, length >= bytes ? bytes : throw new AllocationException("its bitmap is shorter than the volume"));
            contents.Add(bitmap);
            bitmaps.Add(new ClusterBitmap(bitmap, volume.Clusters));
        }

        contents.Add(volume.OpenChain(root.Upcase.First, Math.Min(root.Upcase.Length, MostUpcaseBytes)));
        CheckUsed(contents, bitmaps);
        return new ExfatMap(volume, [.. bitmaps]);
    }

    protected override AllocationExtent Find(long offset)
    {
        if (offset < volume.HeapOffset)
        {
            return new AllocationExtent(offset, volume.HeapOffset - offset, AllocationState.Used);
        }

        var (isUsed, end) = RunAt((offset - volume.HeapOffset) / volume.ClusterSize);
        return new AllocationExtent(offset, volume.HeapOffset + (end * volume.ClusterSize) - offset, isUsed ? AllocationState.Used : AllocationState.Free);
    }

    private (bool IsUsed, long End) RunAt(long cluster)
    {
        var (isUsed, end) = bitmaps[0].RunAt(cluster);
        if (bitmaps.Length > 1)
        {
            var (isOther, otherEnd) = bitmaps[1].RunAt(cluster);
            return (isUsed || isOther, Math.Min(end, otherEnd));
        }

        return (isUsed, end);
    }

    private long CountUsed()
    {
        if (bitmaps.Length == 1)
        {
            return bitmaps[0].CountUsed(volume.Clusters);
        }

        long used = 0;
        for (long at = 0; at < volume.Clusters;)
        {
            var (isUsed, end) = RunAt(at);
            used += isUsed ? end - at : 0;
            at = end;
        }

        return used;
    }

    // What every volume has; a bitmap that calls it free isn't believed in anything else.
    private static void CheckUsed(List<ExfatContent> contents, List<ClusterBitmap> bitmaps)
    {
        foreach (var (first, count) in contents.SelectMany(content => content.Runs))
        {
            if (!bitmaps.TrueForAll(bitmap => bitmap.AreUsed(first - ExfatVolume.FirstCluster, count)))
            {
                throw new AllocationException("its bitmap calls clusters free that its root folder, its bitmap or its up-case table has");
            }
        }
    }
}
