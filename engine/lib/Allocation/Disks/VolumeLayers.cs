using Tidemark.Engine.Allocation.Lvm;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Allocation.Disks;

/// <summary>
/// The map of a partition, or of a disk without partitions, whatever it is: a file system, swap space, or what volumes are made of.
/// </summary>
internal static class VolumeLayers
{
    /// <summary>Layers at most: a file system on LVM on a mirror is the third.</summary>
    private const int MaxDepth = 4;

    /// <summary>The volume's map; null where it holds nothing that is known.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="depth">How many others it lies in.</param>
    /// <exception cref="AllocationException">It is known, and can't be looked into, or isn't to be believed: why.</exception>
    public static AllocationMap? TryOpen(AllocationSource volume, int depth = 0)
    {
        if (depth == MaxDepth || volume.Length == 0)
        {
            return null;
        }

        using var device = new SourceDevice(volume);
        var view = new VolumeView(device);
        if (LuksHeader.TryRead(view) is not null)
        {
            throw new AllocationException("it is encrypted");
        }

        if (BcacheSuperblock.TryRead(view) is not null || ZfsLabel.Find(view).Any())
        {
            return null;
        }

        // A mirror whose superblock is at the end looks like what it holds.
        if (MdSuperblock.Locate(view).Any())
        {
            return MirrorMap.TryOpen(volume, view, depth);
        }

        var map = Open(volume, depth);
        if (map is null)
        {
            return null;
        }

        foreach (var remains in MagicTable.Find(view).Where(other => !other.IsCopy))
        {
            map.Dispose();
            throw new AllocationException($"it looks like {map.FileSystem}, and there is a {remains.Name} as well");
        }

        return map;
    }

    private static AllocationMap? Open(AllocationSource volume, int depth)
    {
        AllocationMap? outer = LvmMap.TryOpen(volume, depth);
        outer ??= SwapMap.TryOpen(volume);
        AllocationMap? inner;
        try
        {
            inner = VolumeMaps.TryOpen(volume);
        }
        catch
        {
            outer?.Dispose();
            throw;
        }

        if (outer is null || inner is null)
        {
            return outer ?? inner;
        }

        using (outer)
        using (inner)
        {
            throw new AllocationException($"it looks like {outer.FileSystem} and like {inner.FileSystem}");
        }
    }
}
