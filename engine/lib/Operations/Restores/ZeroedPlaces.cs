using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations.Restores;

/// <summary>
/// Where free blocks become zeros in any case: an old superblock in a place that the restored volume doesn't use would have it taken for
/// what was there before.
/// </summary>
internal static class ZeroedPlaces
{
    /// <summary>
    /// Bytes at both ends of a disk and of each volume. All that blkid and the kernels look for lies in the first 128 KiB or in the last
    /// (md 0.90 and 1.0, the last two labels of ZFS, the second GPT), and bootloaders and databases of disk managers in the mebibyte.
    /// </summary>
    private const long Ends = 1 << 20;

    /// <summary>Where btrfs keeps copies of its superblock (Linux, fs/btrfs/disk-io.h, btrfs_sb_offset), which repair tools take up.</summary>
    private static readonly long[] superblockCopies = [64L << 20, 256L << 30];

    private const long CopyBytes = 4096;

    /// <param name="source">What is restored.</param>
    /// <param name="target">What it is restored to, as it is before.</param>
    /// <param name="view">What of the image's volume is written.</param>
    public static KeptFree Of(VolumeView source, VolumeView target, ByteRange view, int blockSize)
    {
        var places = new List<ByteRange>();
        AddVolume(new ByteRange(0, view.Length), target, places);
        foreach (var partition in VolumeProbe.TryReadTable(source)?.Partitions ?? [])
        {
            AddVolume(new ByteRange(partition.Offset, partition.Length), target, places);
        }

        var merged = new List<(long First, long End)>();
        foreach (var (first, end) in places.Where(place => place.Offset < view.Length && place.Length > 0)
            .Select(place => new ByteRange(view.Offset + place.Offset, Math.Min(place.Length, view.Length - place.Offset)).Blocks(blockSize)).Order())
        {
            if (merged.Count > 0 && merged[^1].End >= first)
            {
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].End, end));
            }
            else
            {
                merged.Add((first, end));
            }
        }

        return new KeptFree(merged);
    }

    private static void AddVolume(ByteRange volume, VolumeView target, List<ByteRange> places)
    {
        var ends = Math.Min(Ends, volume.Length);
        places.Add(volume with { Length = ends });
        places.Add(new ByteRange(volume.End - ends, ends));
        places.AddRange(superblockCopies.Where(at => at < volume.Length - CopyBytes).Select(at => new ByteRange(volume.Offset + at, CopyBytes)));
        if (target.Slice(volume.Offset, volume.Length) is { } old)
        {
            places.AddRange(DiskSurvey.Signatures(old).Select(found => new ByteRange(volume.Offset + found.Offset, found.Length)));
        }
    }
}
