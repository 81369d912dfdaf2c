using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>The smallest unit in which a file system addresses its device, as its own superblock says.</summary>
/// <param name="Type">What the volume holds.</param>
/// <param name="Bytes">The unit; 0 where it can't be told, since what is inside isn't known.</param>
/// <param name="IsFixed">Whether it has to be the device's sector, and not only a multiple of it.</param>
internal readonly record struct SectorUnit(string Type, int Bytes, bool IsFixed)
{
    private const int BootSectorSizeAt = 11;
    private const int ExfatShiftAt = 108;
    private const int XfsSectorAt = 102;
    private const int ExtLogBlockAt = 1024 + 0x18;
    private const int BtrfsSectorAt = 0x10000 + 0x90;

    /// <summary>Swap space counts in pages.</summary>
    private const int PageSize = 4096;

    /// <summary>Null where the content isn't recognised.</summary>
    public static SectorUnit? TryOf(VolumeView volume)
    {
        if (VolumeProbe.TryReadContent(volume) is not { } content)
        {
            return null;
        }

        Span<byte> field = stackalloc byte[4];
        return content.Type switch
        {
            // Their drivers take the sector of the boot sector for the device's, Windows' at least.
            "fat12" or "fat16" or "fat32" or "ntfs" when volume.TryRead(BootSectorSizeAt, field) =>
                new SectorUnit(content.Type, BinaryPrimitives.ReadUInt16LittleEndian(field), true),
            "exfat" when volume.TryRead(ExfatShiftAt, field) => new SectorUnit(content.Type, 1 << field[0], true),
            "xfs" when volume.TryRead(XfsSectorAt, field) =>
                new SectorUnit(content.Type, BinaryPrimitives.ReadUInt16BigEndian(field), false),
            "ext2" or "ext3" or "ext4" or "jbd" when volume.TryRead(ExtLogBlockAt, field) =>
                new SectorUnit(content.Type, 1024 << BinaryPrimitives.ReadInt32LittleEndian(field), false),
            "btrfs" when volume.TryRead(BtrfsSectorAt, field) =>
                new SectorUnit(content.Type, BinaryPrimitives.ReadInt32LittleEndian(field), false),
            "swap" => new SectorUnit(content.Type, PageSize, false),
            _ => new SectorUnit(content.Type, 0, true),
        };
    }

    /// <summary>Why the volume wouldn't work on a device with such a sector; null if it would.</summary>
    public string? ProblemOn(int sectorSize) => this switch
    {
        { Bytes: 0 } => $"what is inside of {Type} isn't known",
        { IsFixed: true } when Bytes != sectorSize => $"{Type} has sectors of {Bytes} bytes in its boot sector",
        _ when Bytes < sectorSize => $"{Type} addresses units of {Bytes} bytes",
        _ => null,
    };
}
