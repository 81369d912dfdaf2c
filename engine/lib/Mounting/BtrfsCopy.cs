using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Mounting;

/// <summary>
/// A btrfs in an image file, made a stranger to this machine before the kernel sees it. The kernel keeps a list of devices
/// by the file system's id: under its own, the copy could be mounted in place of the original, be refused beside it, or
/// have its log replayed onto other devices of the original.
/// </summary>
internal static class BtrfsCopy
{
    /// <summary>Gives it a new id; in the image file, so in the overlay.</summary>
    /// <exception cref="TidemarkException">It can't be read or written.</exception>
    public static void Rename(string file, VolumePlace place)
    {
        var superblock = new byte[BtrfsSuperblock.Size];
        var at = place.Offset + BtrfsSuperblock.Offset;
        try
        {
            using var handle = File.OpenHandle(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            if (RandomAccess.Read(handle, superblock, at) != superblock.Length)
            {
                throw TidemarkException.Damaged($"The btrfs {place.Name} ends within its superblock.");
            }

            BtrfsSuperblock.Rename(superblock, Guid.NewGuid());
            RandomAccess.Write(handle, superblock, at);
            // The loop device reads the file anew.
            RandomAccess.FlushToDisk(handle);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TidemarkException.Failed($"The copy of the btrfs {place.Name} can't be given an id of its own: {e.Message}", e);
        }
    }
}
