using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>The boot sector of NTFS: geometry, place of the MFT, serial number. Sizes in bytes.</summary>
/// <param name="Sectors">Of the volume, without the one behind it that has the boot sector's copy; not checked.</param>
internal readonly record struct NtfsBootSector(int SectorSize, long Sectors, int ClusterSize, int RecordSize, long MftCluster, ulong Serial)
{
    private const int Size = 512;

    /// <summary>Largest cluster NTFS has (Windows 10 1709 and newer): 2 MiB.</summary>
    private const int MaxClusterSize = 2 << 20;

    /// <summary>File records are 1 KiB, or 4 KiB on disks with 4096-byte sectors.</summary>
    private const int MaxRecordSize = 4096;

    public static VolumeContent? TryRead(VolumeView volume)
    {
        Span<byte> sector = stackalloc byte[Size];
        if (!volume.TryRead(0, sector) || TryRead(sector) is not { } boot)
        {
            return null;
        }

        var serial = boot.Serial == 0 ? null : boot.Serial.ToString("X16");
        return VolumeContent.Of("ntfs", "ntfs", serial, NtfsVolumeRecord.TryReadLabel(volume, boot));
    }

    public static NtfsBootSector? TryRead(ReadOnlySpan<byte> sector)
    {
        if (sector.Length < Size || !sector[3..].StartsWith("NTFS    "u8))
        {
            return null;
        }

        var sectorSize = BinaryPrimitives.ReadUInt16LittleEndian(sector[11..]);
        var perCluster = SectorsPerCluster(sector[13]);
        if (sectorSize is < 256 or > 4096 || !uint.IsPow2(sectorSize) || perCluster <= 0
            || !long.IsPow2(perCluster) || sectorSize * perCluster > MaxClusterSize)
        {
            return null;
        }

        // Records are counted in clusters, or, negative, given as a power of two of bytes.
        var clusterSize = sectorSize * perCluster;
        var record = (sbyte)sector[64];
        var recordSize = record > 0 ? record * clusterSize : record > -31 ? 1L << -record : 0;
        var mft = BinaryPrimitives.ReadInt64LittleEndian(sector[48..]);
        return recordSize is < 256 or > MaxRecordSize || !long.IsPow2(recordSize) || mft <= 0
            ? null
            : new NtfsBootSector(
                sectorSize, BinaryPrimitives.ReadInt64LittleEndian(sector[40..]), (int)clusterSize, (int)recordSize, mft,
                BinaryPrimitives.ReadUInt64LittleEndian(sector[72..]));
    }

    /// <summary>Up to 128 as it is, above as a negative power of two (two's complement); 0 for nonsense.</summary>
    private static long SectorsPerCluster(byte value) =>
        value <= 128 ? value : value >= 225 ? 1L << (256 - value) : 0;
}
