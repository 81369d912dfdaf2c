using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Allocation.Btrfs;

/// <summary>Places of a device that are in no extent and are used: its start, and the copies of the superblock.</summary>
internal static class BtrfsReserved
{
    /// <summary>Of a range that no extent takes, the first part that is one thing.</summary>
    public static AllocationExtent Clip(long start, long end)
    {
        foreach (var (from, to) in Ranges)
        {
            if (start < to)
            {
                return start < from
                    ? new(start, Math.Min(end, from) - start, AllocationState.Free)
                    : new(start, Math.Min(end, to) - start, AllocationState.Used);
            }
        }

        return new(start, end - start, AllocationState.Free);
    }

    private static readonly (long From, long To)[] Ranges =
    [
        (0, BtrfsGeometry.ReservedStart),
        .. BtrfsGeometry.Places.Skip(1).Select(place => (place, place + BtrfsSuperblock.Size)),
    ];
}
