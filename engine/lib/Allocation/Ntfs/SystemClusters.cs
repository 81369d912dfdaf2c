namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>
/// The clusters of the files without which there is no volume. A bitmap that calls one of them free, or a volume in which two of
/// them share one, isn't believed in anything else.
/// </summary>
internal static class SystemClusters
{
    /// <summary>Records of which the mirror has copies, whatever a cluster holds.</summary>
    private const int MirroredRecords = 4;

    /// <summary>The clusters, in the order of the volume.</summary>
    /// <param name="volume">The volume.</param>
    /// <exception cref="AllocationException">One of the files isn't there, or two share a cluster.</exception>
    public static List<ClusterRun> Find(NtfsVolume volume)
    {
        var runs = new List<ClusterRun>();
        foreach (var number in new[] { NtfsVolume.MftFile, NtfsVolume.MftMirrorFile, NtfsVolume.LogFile, NtfsVolume.BitmapFile, NtfsVolume.BootFile })
        {
            var content = volume.OpenContent(volume.ReadSystemFile(number), NtfsAttribute.Data, "");
            if (content is null || content.Runs.Count == 0 || content.Runs.Any(run => run.IsHole))
            {
                throw new AllocationException($"system file {number} has no clusters");
            }

            runs.AddRange(content.Runs);
        }

        CheckApart(runs);
        return runs;
    }

    /// <summary>Brings runs into the order of the volume.</summary>
    /// <exception cref="AllocationException">Two of them have a cluster in common.</exception>
    public static void CheckApart(List<ClusterRun> runs)
    {
        runs.Sort((a, b) => a.Lcn.CompareTo(b.Lcn));
        for (var i = 1; i < runs.Count; i++)
        {
            if (runs[i].Lcn < runs[i - 1].EndLcn)
            {
                throw new AllocationException($"two of its system files claim cluster {runs[i].Lcn}");
            }
        }
    }

    /// <exception cref="AllocationException">The copies of the first records aren't what they are copies of.</exception>
    public static void CheckMirror(NtfsVolume volume)
    {
        var mirror = volume.OpenContent(volume.ReadSystemFile(NtfsVolume.MftMirrorFile), NtfsAttribute.Data, "");
        for (long number = 0; number < MirroredRecords; number++)
        {
            var record = volume.ReadRecord(number);
            var copy = new byte[volume.RecordSize];
            if (mirror is null || (number + 1) * copy.Length > mirror.Length)
            {
                throw new AllocationException("the mirror of its MFT is too short");
            }

            mirror.Read(number * copy.Length, copy);
            if (!FileRecord.Read(number, copy).Used.SequenceEqual(record.Used))
            {
                throw new AllocationException($"record {number} of its MFT differs from its mirror");
            }
        }
    }
}
