using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Volumes;

internal static partial class SourceList
{
    /// <summary>
    /// Every disk before the volumes that begin on it, then volumes that lie on none: optical drives, and whatever its
    /// driver doesn't place on a disk. A drive without a medium isn't listed.
    /// </summary>
    internal static List<SourceEntry> ListWindows(DriveTable drives, Func<string, BlockDevice> open)
    {
        var entries = new List<SourceEntry>();
        var rest = drives.Volumes.ToList();
        foreach (var disk in drives.Disks.OrderBy(disk => disk.Number))
        {
            var volumes = rest.Where(volume => volume.Extents.Count > 0 && volume.Extents[0].DiskNumber == disk.Number)
                .OrderBy(volume => volume.Extents[0].Offset).ToArray();
            entries.Add(Describe(disk, open));
            entries.AddRange(volumes.Select(volume => Describe(volume, disk, open)));
            rest.RemoveAll(volumes.Contains);
        }

        entries.AddRange(rest.Select(volume => Describe(volume, null, open)));
        entries.RemoveAll(entry => entry.Size == 0 && entry.FileSystem is null && entry.MountPoints.Count == 0);
        return entries;
    }

    private static SourceEntry Describe(DriveDisk disk, Func<string, BlockDevice> open)
    {
        var description = TryProbe(disk.Path, open, out var problem, out var length);
        return new SourceEntry
        {
            Path = disk.Path,
            Type = "disk",
            Size = Math.Max(length, disk.Length),
            IsRemovable = disk.IsRemovable,
            Summary = description?.Summary,
            FileSystem = description?.Content?.Type,
            Label = description?.Label,
            Model = disk.Model,
            Identity = description?.Identity ?? SourceIdentity.None,
            Problem = problem,
        };
    }

    private static SourceEntry Describe(DriveVolume volume, DriveDisk? disk, Func<string, BlockDevice> open)
    {
        var description = TryProbe(volume.ShortName, open, out var problem, out var length);
        return new SourceEntry
        {
            Path = volume.ShortName,
            ParentPath = volume.Extents.Count == 1 ? disk?.Path : null,
            Type = volume.IsOptical ? "rom" : volume.Extents.Count == 1 ? "part" : "volume",
            Size = length > 0 ? length : volume.Extents.Sum(extent => extent.Length),
            IsReadOnly = volume.IsReadOnly,
            IsRemovable = volume.IsRemovable,
            Summary = description?.Summary,
            FileSystem = description?.Content?.Type ?? volume.FileSystem?.ToLowerInvariant(),
            Label = description?.Label ?? volume.Label,
            Identity = description?.Identity ?? SourceIdentity.None,
            MountPoints = volume.MountPoints,
            IsSwap = volume.HasPageFile,
            Problem = problem,
        };
    }
}
