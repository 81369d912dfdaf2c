using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// The boot sector of FAT12, FAT16 and FAT32 (Microsoft FAT specification, section 3). Offsets and lengths are bytes
/// of the volume.
/// </summary>
/// <param name="RootOffset">Where the root folder begins (its first cluster on FAT32).</param>
/// <param name="RootLength">Bytes of the root folder there (one cluster on FAT32).</param>
internal sealed record FatBootSector(string Type, uint? Serial, string? Label, long RootOffset, int RootLength)
{
    private const int Size = 512;
    private const byte ExtendedSignature = 0x29;
    private const byte ShortExtendedSignature = 0x28;
    private const uint MaxFat12Clusters = 4084;
    private const uint MaxFat16Clusters = 65524;

    public int SectorSize { get; init; }

    public int ClusterSize { get; init; }

    /// <summary>Where the first table begins; before it are the reserved sectors.</summary>
    public long TableOffset { get; init; }

    public long TableLength { get; init; }

    /// <summary>Tables, one behind the other.</summary>
    public int Tables { get; init; }

    /// <summary>Where the first cluster, which has the number 2, begins.</summary>
    public long DataOffset { get; init; }

    public long Clusters { get; init; }

    /// <summary>Bytes of all sectors; not checked.</summary>
    public long Length { get; init; }

    /// <summary>What the first entry of the tables has in its low byte.</summary>
    public byte Media { get; init; }

    /// <summary>What systems keep beside the serial number: 1 while the volume is mounted, 2 after an error.</summary>
    public byte State { get; init; }

    /// <summary>FAT32: the root folder's first cluster.</summary>
    public uint RootCluster { get; init; }

    /// <summary>FAT32: whether only one of the tables is kept.</summary>
    public bool IsMirrored { get; init; } = true;

    /// <summary>FAT32: 0 is the only one there is.</summary>
    public ushort Version { get; init; }

    public static VolumeContent? TryRead(VolumeView volume)
    {
        Span<byte> sector = stackalloc byte[Size];
        if (!volume.TryRead(0, sector) || TryRead(sector) is not { } boot)
        {
            return null;
        }

        var serial = boot.Serial is null or 0 ? null : $"{boot.Serial >> 16:X4}-{boot.Serial & 0xFFFF:X4}";
        var label = FatRootFolder.TryReadLabel(volume, boot.RootOffset, boot.RootLength) ?? boot.Label;
        return VolumeContent.Of(boot.Type, "fat", serial, label);
    }

    /// <summary>Reads a boot sector whose every field makes sense; null for a master boot record and all else.</summary>
    public static FatBootSector? TryRead(ReadOnlySpan<byte> sector)
    {
        if (sector.Length < Size || sector[510] != 0x55 || sector[511] != 0xAA || sector[0] is not 0xEB and not 0xE9)
        {
            return null;
        }

        var sectorSize = BinaryPrimitives.ReadUInt16LittleEndian(sector[11..]);
        var perCluster = sector[13];
        var reserved = BinaryPrimitives.ReadUInt16LittleEndian(sector[14..]);
        var fats = sector[16];
        var rootEntries = BinaryPrimitives.ReadUInt16LittleEndian(sector[17..]);
        uint total = BinaryPrimitives.ReadUInt16LittleEndian(sector[19..]);
        var media = sector[21];
        uint fatSize = BinaryPrimitives.ReadUInt16LittleEndian(sector[22..]);
        var isFat32 = fatSize == 0;
        total = total == 0 ? BinaryPrimitives.ReadUInt32LittleEndian(sector[32..]) : total;
        fatSize = isFat32 ? BinaryPrimitives.ReadUInt32LittleEndian(sector[36..]) : fatSize;
        if (sectorSize is < 512 or > 4096 || !uint.IsPow2(sectorSize) || !uint.IsPow2(perCluster)
            || reserved == 0 || fats is 0 or > 4 || media < 0xF0 || total == 0 || fatSize == 0
            || (rootEntries == 0) != isFat32)
        {
            return null;
        }

        var rootSectors = ((rootEntries * 32L) + sectorSize - 1) / sectorSize;
        var rootSector = reserved + (fats * (long)fatSize);
        var data = rootSector + rootSectors;
        if (data >= total)
        {
            return null;
        }

        var clusters = (total - data) / perCluster;
        var type = isFat32 ? "fat32" : clusters <= MaxFat12Clusters ? "fat12" : clusters <= MaxFat16Clusters ? "fat16" : null;
        if (type is null)
        {
            return null;
        }

        var rootOffset = rootSector * sectorSize;
        var rootLength = rootEntries * 32;
        var rootCluster = isFat32 ? BinaryPrimitives.ReadUInt32LittleEndian(sector[44..]) : 0;
        if (isFat32)
        {
            rootLength = rootCluster < 2 ? 0 : perCluster * sectorSize;
            rootOffset = (data + ((rootCluster - 2L) * perCluster)) * sectorSize;
        }

        var extended = sector[(isFat32 ? 64 : 36)..];
        var hasSerial = extended[2] is ExtendedSignature or ShortExtendedSignature;
        return new FatBootSector(
            type,
            hasSerial ? BinaryPrimitives.ReadUInt32LittleEndian(extended[3..]) : null,
            extended[2] == ExtendedSignature ? FatRootFolder.Label(extended.Slice(7, 11)) : null,
            rootOffset,
            rootLength)
        {
            SectorSize = sectorSize,
            ClusterSize = perCluster * sectorSize,
            TableOffset = (long)reserved * sectorSize,
            TableLength = (long)fatSize * sectorSize,
            Tables = fats,
            DataOffset = data * sectorSize,
            Clusters = clusters,
            Length = (long)total * sectorSize,
            Media = media,
            State = hasSerial ? extended[1] : (byte)0,
            RootCluster = rootCluster,
            IsMirrored = !isFat32 || (sector[40] & 0x80) == 0,
            Version = isFat32 ? BinaryPrimitives.ReadUInt16LittleEndian(sector[42..]) : (ushort)0,
        };
    }
}
