using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// The label of an LVM2 physical volume (LVM2, lib/format_text/layout.h): in one of the first four sectors of 512
/// bytes, followed by the header with the volume's UUID.
/// </summary>
internal static class LvmLabel
{
    private const int SectorSize = 512;
    private const int Sectors = 4;
    private const int UuidLength = 32;

    public static VolumeContent? TryRead(VolumeView volume)
    {
        Span<byte> start = stackalloc byte[Sectors * SectorSize];
        return volume.TryRead(0, start) ? TryRead(start) : null;
    }

    /// <summary>Reads the label from the first four sectors.</summary>
    public static VolumeContent? TryRead(ReadOnlySpan<byte> start)
    {
        for (; start.Length >= SectorSize; start = start[SectorSize..])
        {
            var sector = start[..SectorSize];
            if (!sector.StartsWith("LABELONE"u8) || !sector[24..].StartsWith("LVM2 001"u8))
            {
                continue;
            }

            var offset = BinaryPrimitives.ReadUInt32LittleEndian(sector[20..]);
            if (offset > SectorSize - UuidLength)
            {
                return null;
            }

            var uuid = DiskText.Ascii(sector.Slice((int)offset, UuidLength));
            return VolumeContent.Of("lvm", "lvm", uuid?.Length == UuidLength && uuid.All(char.IsAsciiLetterOrDigit) ? Grouped(uuid) : null, null);
        }

        return null;
    }

    /// <summary>As LVM prints it: 6-4-4-4-4-4-6.</summary>
    private static string Grouped(string uuid) =>
        $"{uuid[..6]}-{uuid[6..10]}-{uuid[10..14]}-{uuid[14..18]}-{uuid[18..22]}-{uuid[22..26]}-{uuid[26..]}";
}
