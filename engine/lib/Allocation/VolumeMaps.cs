using System.Runtime.ExceptionServices;
using Tidemark.Engine.Allocation.Btrfs;
using Tidemark.Engine.Allocation.Exfat;
using Tidemark.Engine.Allocation.Ext;
using Tidemark.Engine.Allocation.Fat;
using Tidemark.Engine.Allocation.Ntfs;
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
        ("btrfs", BtrfsMap.TryOpen),
        ("ext", ExtMap.TryOpen),
        ("ntfs", NtfsMap.TryOpen),
        ("fat", FatMap.TryOpen),
        ("exfat", ExfatMap.TryOpen),
        ("xfs", XfsMap.TryOpen),
    ];

    /// <summary>The volume's map; null where it holds nothing that is known.</summary>
    /// <exception cref="AllocationException">
    /// The file system is known, and its map isn't to be believed: why. So it is where the remains of one file system lie beside
    /// another: which of them a reader takes depends on the reader.
    /// </exception>
    public static AllocationMap? TryOpen(AllocationSource volume)
    {
        // A volume that can't be read at its start is nobody's, and says so itself.
        Span<byte> first = stackalloc byte[1];
        volume.Read(0, first[..(int)Math.Min(first.Length, volume.Length)]);
        AllocationMap? found = null;
        AllocationException? doubt = null;
        string? name = null;
        foreach (var (fileSystem, open) in Known)
        {
            AllocationMap? map = null;
            AllocationException? why = null;
            try
            {
                map = open(volume);
            }
            catch (AllocationException e)
            {
                why = e;
            }

            if (map is null && why is null)
            {
                continue;
            }

            if (name is not null)
            {
                found?.Dispose();
                map?.Dispose();
                throw new AllocationException($"it looks like {name} and like {fileSystem}");
            }

            (found, doubt, name) = (map, why, fileSystem);
        }

        if (doubt is not null)
        {
            ExceptionDispatchInfo.Throw(doubt);
        }

        return found;
    }
}
