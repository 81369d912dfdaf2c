using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>The attribute $VOLUME_INFORMATION of $Volume (Linux-NTFS project's layout.h, VOLUME_INFORMATION).</summary>
internal static class VolumeInformation
{
    private const int Size = 12;
    private const ushort Dirty = 0x0001;
    private const ushort CheckUnderway = 0x4000;

    /// <exception cref="AllocationException">The volume is of a version that isn't known, or says that it isn't consistent.</exception>
    public static void Check(NtfsVolume volume)
    {
        var value = volume.ReadValue(volume.ReadSystemFile(NtfsVolume.VolumeFile), NtfsAttribute.VolumeInformation, "");
        if (value is null || value.Length < Size)
        {
            throw new AllocationException("the record of its version and state is damaged");
        }

        // Windows NT 4, 2000, and everything since XP.
        var (major, minor) = (value[8], value[9]);
        if ((major, minor) is not ((1, 2) or (3, 0) or (3, 1)))
        {
            throw new AllocationException($"it is of version {major}.{minor} of NTFS, which isn't known");
        }

        var flags = BinaryPrimitives.ReadUInt16LittleEndian(value.AsSpan(10));
        if ((flags & (Dirty | CheckUnderway)) != 0)
        {
            throw new AllocationException("it is marked dirty: its file system has to be checked");
        }
    }
}
