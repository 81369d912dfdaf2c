using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>The header of LUKS, version 1 and 2 (LUKS2 On-Disk Format Specification, section 2.1), big-endian.</summary>
internal static class LuksHeader
{
    private const int Size = 512;
    private const int UuidSize = 40;

    public static VolumeContent? TryRead(VolumeView volume)
    {
        Span<byte> header = stackalloc byte[Size];
        return volume.TryRead(0, header) ? TryRead(header) : null;
    }

    public static VolumeContent? TryRead(ReadOnlySpan<byte> header)
    {
        if (header.Length < Size || !header.StartsWith("LUKS"u8) || header[4] != 0xBA || header[5] != 0xBE)
        {
            return null;
        }

        var version = BinaryPrimitives.ReadUInt16BigEndian(header[6..]);
        if (version is not 1 and not 2)
        {
            return null;
        }

        var label = version == 2 ? DiskText.Utf8(header.Slice(24, 48)) : null;
        var id = DiskText.Ascii(header.Slice(168, UuidSize));
        return Guid.TryParseExact(id, "D", out var uuid)
            ? VolumeContent.Of("luks", "luks", uuid.ToString("D"), label)
            : VolumeContent.Of("luks", "luks", null, label);
    }
}
