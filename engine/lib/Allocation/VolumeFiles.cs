using Tidemark.Engine.Allocation.Exfat;
using Tidemark.Engine.Allocation.Fat;
using Tidemark.Engine.Allocation.Ntfs;

namespace Tidemark.Engine.Allocation;

/// <summary>The registry of walks over files, as <see cref="VolumeMaps"/> is of maps.</summary>
internal static class VolumeFiles
{
    /// <summary>The files of a volume whose map was opened; null where its file system has no walk.</summary>
    /// <exception cref="AllocationException">Its records aren't to be read.</exception>
    public static FileExtents? TryOpen(AllocationSource volume, string fileSystem) => fileSystem switch
    {
        "ntfs" => NtfsFiles.Open(volume),
        "fat12" or "fat16" or "fat32" => FatFiles.Open(volume),
        "exfat" => ExfatFiles.Open(volume),
        _ => null,
    };
}
