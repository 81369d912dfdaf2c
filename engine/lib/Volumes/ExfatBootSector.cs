using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// The main boot sector of exFAT (Microsoft exFAT specification, section 3.1). Offset and length of the root folder's
/// first cluster are bytes of the volume.
/// </summary>
internal readonly record struct ExfatBootSector(uint Serial, long RootOffset, int RootLength)
{
    private const int Size = 512;

    public static VolumeContent? TryRead(VolumeView volume)
    {
        Span<byte> sector = stackalloc byte[Size];
        if (!volume.TryRead(0, sector) || TryRead(sector) is not { } boot)
        {
            return null;
        }

        var serial = boot.Serial == 0 ? null : $"{boot.Serial >> 16:X4}-{boot.Serial & 0xFFFF:X4}";
        return VolumeContent.Of("exfat", "exfat", serial, ExfatRootFolder.TryReadLabel(volume, boot.RootOffset, boot.RootLength));
    }

    public static ExfatBootSector? TryRead(ReadOnlySpan<byte> sector)
    {
        if (sector.Length < Size || !sector[3..].StartsWith("EXFAT   "u8)
            || sector[510] != 0x55 || sector[511] != 0xAA
            || sector[11..64].ContainsAnyExcept((byte)0))
        {
            return null;
        }

        var heap = BinaryPrimitives.ReadUInt32LittleEndian(sector[88..]);
        var root = BinaryPrimitives.ReadUInt32LittleEndian(sector[96..]);
        int sectorShift = sector[108];
        int clusterShift = sector[109];
        return sectorShift is < 9 or > 12 || clusterShift > 25 - sectorShift || heap == 0 || root < 2
            ? null
            : new ExfatBootSector(
                BinaryPrimitives.ReadUInt32LittleEndian(sector[100..]),
                ((long)heap << sectorShift) + ((root - 2L) << (sectorShift + clusterShift)),
                1 << (sectorShift + clusterShift));
    }
}
