using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>What an NTFS volume's $Bitmap says, or what the system that has the volume says for it.</summary>
internal sealed class NtfsMap : AllocationMap
{
    private const int BootSectorSize = 512;

    /// <summary>Windows makes the bitmap whole words; the bits without a cluster are set.</summary>
    private const int BitmapUnit = 64;

    private readonly ClusterBitmap bitmap;
    private readonly int clusterSize;
    private readonly long clusters;

    private NtfsMap(AllocationSource source, NtfsVolume volume, ClusterBitmap bitmap)
    {
        this.bitmap = bitmap;
        clusterSize = volume.ClusterSize;
        // The copy of the boot sector lies behind the clusters; where the volume fills its partition to the end, in the last one.
        clusters = Math.Min(volume.Clusters, (source.Length - source.SectorSize) / clusterSize);
        UsedBytes = bitmap.CountUsed(clusters) * clusterSize;
    }

    public override string FileSystem => "ntfs";

    public override long Length => clusters * clusterSize;

    public override long UsedBytes { get; }

    /// <summary>The map of a volume, without the content of page files; null where it isn't NTFS.</summary>
    /// <exception cref="AllocationException">It is, and its bitmap isn't to be believed.</exception>
    public static AllocationMap? TryOpen(AllocationSource source)
    {
        if (TryReadBoot(source) is not { } boot)
        {
            return null;
        }

        var volume = new NtfsVolume(source, boot);
        SystemClusters.CheckMirror(volume);
        VolumeInformation.Check(volume);
        LogState.Check(volume);
        ShadowStorage.Check(source);
        var excluded = PageFiles.Find(volume, isMounted: false);
        return Open(source, volume, OpenBitmap(volume), excluded);
    }

    /// <summary>
    /// The map of a volume that a system has mounted and holds still (a shadow copy), by the bitmap that the system gives: where it has
    /// the log's changes in memory, that is the truth, and what lies on disk may lag behind it.
    /// </summary>
    /// <param name="source">The volume's bytes.</param>
    /// <param name="given">The system's bitmap, at least a bit for each cluster.</param>
    /// <returns>Null where it isn't NTFS.</returns>
    /// <exception cref="AllocationException">The bitmap isn't that of this volume.</exception>
    public static AllocationMap? TryOpenMounted(AllocationSource source, AllocationContent given)
    {
        if (TryReadBoot(source) is not { } boot)
        {
            return null;
        }

        var volume = new NtfsVolume(source, boot);
        return given.Length < (volume.Clusters + 7) / 8
            ? throw new AllocationException("the bitmap that the system gives is shorter than the volume")
            : Open(source, volume, given, PageFiles.Find(volume, isMounted: true));
    }

    /// <summary>The boot sector of a volume; null where it isn't NTFS'.</summary>
    public static NtfsBootSector? TryReadBoot(AllocationSource source)
    {
        Span<byte> sector = stackalloc byte[BootSectorSize];
        if (source.Length < BootSectorSize)
        {
            return null;
        }

        source.Read(0, sector);
        return NtfsBootSector.TryRead(sector);
    }

    protected override AllocationExtent Find(long offset)
    {
        var (isUsed, end) = bitmap.RunAt(offset / clusterSize);
        return new AllocationExtent(offset, (Math.Min(end, clusters) * clusterSize) - offset, isUsed ? AllocationState.Used : AllocationState.Free);
    }

    private static AllocationMap Open(AllocationSource source, NtfsVolume volume, AllocationContent content, List<ClusterRun> excluded)
    {
        var bitmap = new ClusterBitmap(content, volume.Clusters);
        var system = SystemClusters.Find(volume);
        foreach (var run in system)
        {
            if (!bitmap.AreUsed(run.Lcn, run.Count))
            {
                throw new AllocationException("its bitmap calls clusters of its system files free");
            }
        }

        var map = new NtfsMap(source, volume, bitmap);
        if (excluded.Count == 0)
        {
            return map;
        }

        SystemClusters.CheckApart([.. system, .. excluded]);
        // What reaches into a last cluster that the map leaves alone stays.
        return new ExcludingMap(map, [.. excluded.Where(run => run.EndLcn <= map.clusters)
            .Select(run => new ContentExtent(run.Lcn * map.clusterSize, run.Count * map.clusterSize))]);
    }

    private static NtfsContent OpenBitmap(NtfsVolume volume)
    {
        var content = volume.OpenContent(volume.ReadSystemFile(NtfsVolume.BitmapFile), NtfsAttribute.Data, "");
        var bytes = (volume.Clusters + BitmapUnit - 1) / BitmapUnit * (BitmapUnit / 8);
        if (content is null || !content.IsPlain || content.Initialized < (volume.Clusters + 7) / 8)
        {
            throw new AllocationException("its bitmap is shorter than the volume");
        }

        // A bitmap that was made for another size of the volume would have clusters there.
        var beyond = new ClusterBitmap(content, Math.Min(bytes, content.Initialized) * 8);
        return beyond.Count == volume.Clusters || beyond.AreUsed(volume.Clusters, beyond.Count - volume.Clusters)
            ? content
            : throw new AllocationException("its bitmap has free clusters behind the end of the volume");
    }
}
