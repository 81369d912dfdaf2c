using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>What an NTFS volume's $Bitmap says, without the content of page files.</summary>
internal sealed class NtfsMap : AllocationMap
{
    private const int BootSectorSize = 512;

    /// <summary>Windows makes the bitmap whole words; the bits without a cluster are set.</summary>
    private const int BitmapUnit = 64;

    private readonly ClusterBitmap bitmap;
    private readonly List<ClusterRun> excluded;
    private readonly int clusterSize;
    private readonly long clusters;

    private NtfsMap(AllocationSource source, NtfsVolume volume, ClusterBitmap bitmap, List<ClusterRun> excluded)
    {
        this.bitmap = bitmap;
        this.excluded = excluded;
        clusterSize = volume.ClusterSize;
        // The copy of the boot sector lies behind the clusters; where the volume fills its partition to the end, in the last one.
        clusters = Math.Min(volume.Clusters, (source.Length - source.SectorSize) / clusterSize);
        ExcludedBytes = excluded.Sum(run => Math.Max(0, Math.Min(run.EndLcn, clusters) - run.Lcn)) * clusterSize;
        UsedBytes = (bitmap.CountUsed(clusters) * clusterSize) - ExcludedBytes;
    }

    public override string FileSystem => "ntfs";

    public override long Length => clusters * clusterSize;

    public override long UsedBytes { get; }

    public override long ExcludedBytes { get; }

    /// <summary>The map of a volume; null where it isn't NTFS.</summary>
    /// <exception cref="AllocationException">It is, and its bitmap isn't to be believed.</exception>
    public static NtfsMap? TryOpen(AllocationSource source)
    {
        Span<byte> sector = stackalloc byte[BootSectorSize];
        if (source.Length < BootSectorSize)
        {
            return null;
        }

        source.Read(0, sector);
        if (NtfsBootSector.TryRead(sector) is not { } boot)
        {
            return null;
        }

        var volume = new NtfsVolume(source, boot);
        SystemClusters.CheckMirror(volume);
        VolumeInformation.Check(volume);
        LogState.Check(volume);
        ShadowStorage.Check(source);
        var excluded = PageFiles.Find(volume);
        var content = OpenBitmap(volume);
        var bitmap = new ClusterBitmap(content, volume.Clusters);
        CheckUsed(bitmap, SystemClusters.Find(volume, content), "system files");
        CheckUsed(bitmap, excluded, "page files");
        CheckApart(excluded);
        return new NtfsMap(source, volume, bitmap, excluded);
    }

    protected override AllocationExtent Find(long offset)
    {
        var cluster = offset / clusterSize;
        var (isUsed, end) = bitmap.RunAt(cluster);
        end = Math.Min(end, clusters);
        var state = isUsed ? AllocationState.Used : AllocationState.Free;
        if (isUsed && NextExcluded(cluster) is { } run && run.Lcn < end)
        {
            (state, end) = run.Lcn <= cluster ? (AllocationState.Excluded, run.EndLcn) : (state, run.Lcn);
            end = Math.Min(end, clusters);
        }

        return new AllocationExtent(offset, (end * clusterSize) - offset, state);
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

    private static void CheckUsed(ClusterBitmap bitmap, List<ClusterRun> runs, string whose)
    {
        foreach (var run in runs)
        {
            if (!bitmap.AreUsed(run.Lcn, run.Count))
            {
                throw new AllocationException($"its bitmap calls clusters of its {whose} free");
            }
        }
    }

    private static void CheckApart(List<ClusterRun> runs)
    {
        for (var i = 1; i < runs.Count; i++)
        {
            if (runs[i].Lcn < runs[i - 1].EndLcn)
            {
                throw new AllocationException($"two of its page files claim cluster {runs[i].Lcn}");
            }
        }
    }

    // The first excluded run that ends behind a cluster.
    private ClusterRun? NextExcluded(long cluster)
    {
        int low = 0, high = excluded.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (excluded[middle].EndLcn <= cluster)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low < excluded.Count ? excluded[low] : null;
    }
}
