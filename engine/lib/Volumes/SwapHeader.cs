using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>The header of Linux swap space (include/linux/swap.h, union swap_header): one page, magic at its end.</summary>
internal static class SwapHeader
{
    private const int MinPageSize = 4096;
    private const int MaxPageSize = 65536;

    public static VolumeContent? TryRead(VolumeView volume)
    {
        var page = new byte[MaxPageSize].AsSpan();
        for (var size = MaxPageSize; size >= MinPageSize; size /= 2)
        {
            if (volume.TryRead(0, page[..size]))
            {
                return TryRead(page[..size]);
            }
        }

        return null;
    }

    /// <summary>Reads the header of any page size up to the length given.</summary>
    public static VolumeContent? TryRead(ReadOnlySpan<byte> start)
    {
        for (var size = MinPageSize; size <= MaxPageSize && size <= start.Length; size *= 2)
        {
            // Version 1 in either byte order.
            if (start[(size - 10)..].StartsWith("SWAPSPACE2"u8)
                && (BinaryPrimitives.ReadUInt32LittleEndian(start[0x400..]) == 1
                    || BinaryPrimitives.ReadUInt32BigEndian(start[0x400..]) == 1))
            {
                return VolumeContent.Of("swap", "swap", DiskText.Uuid(start.Slice(0x40C, 16)), DiskText.Utf8(start.Slice(0x41C, 16)));
            }
        }

        return null;
    }
}
