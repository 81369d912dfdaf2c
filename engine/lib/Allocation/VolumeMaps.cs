using Tidemark.Engine.Allocation.Ext;
using Tidemark.Engine.Allocation.Xfs;

namespace Tidemark.Engine.Allocation;

/// <summary>
/// The registry of maps: one line a file system. A file system's own folder has the rest.
/// </summary>
internal static class VolumeMaps
{
    /// <summary>
    /// Opens the map of what a volume holds, or gives null where it isn't that file system's. Throws
    /// <see cref="AllocationException"/> where it is and the map can't be believed.
    /// </summary>
    private delegate AllocationMap? Opening(AllocationSource volume);

    private static readonly (string FileSystem, Opening Open)[] Known =
    [
        ("ext", ExtMap.TryOpen),
        ("xfs", XfsMap.TryOpen),
    ];

    /// <summary>The volume's map; null where it holds nothing that is known.</summary>
    /// <exception cref="AllocationException">The file system is known, and its map isn't to be believed: why.</exception>
    public static AllocationMap? TryOpen(AllocationSource volume)
    {
        foreach (var (_, open) in Known)
        {
            if (open(volume) is { } map)
            {
                return map;
            }
        }

        return null;
    }
}
