using System.Diagnostics;
using System.Numerics;

namespace Tidemark.Engine.Devices.VirtualDisks;

/// <summary>
/// Runs of equal bits in a bitmap on disk. VHD stores the first sector of a byte in its highest bit, VHDX in its
/// lowest.
/// </summary>
internal static class SectorBitmap
{
    /// <summary>Bytes looked at in one step: the bitmap of a whole VHD block of 2 MiB.</summary>
    private const int Window = 512;

    /// <summary>
    /// How many bits from <paramref name="firstBit"/> on, at most <paramref name="maxBits"/>, equal the first, and
    /// what that is. May answer less than there are, never less than one.
    /// </summary>
    /// <param name="pages">The file's pages; the bitmap lies within the file.</param>
    /// <param name="bitmapOffset">Where bit 0 lies in the file.</param>
    /// <param name="firstBit">The bit to start from.</param>
    /// <param name="maxBits">Bits asked for, at least one.</param>
    /// <param name="highBitFirst">Bit order within a byte.</param>
    /// <param name="set">The value of the run.</param>
    public static long RunAt(
        TablePages pages, long bitmapOffset, long firstBit, long maxBits, bool highBitFirst, out bool set)
    {
        Debug.Assert(maxBits > 0 && firstBit >= 0);
        Span<byte> window = stackalloc byte[Window];
        var firstByte = firstBit / 8;
        var skip = (int)(firstBit % 8);
        var bits = Math.Min(maxBits, (Window * 8) - skip);
        window = window[..(int)((skip + bits + 7) / 8)];
        pages.Read(bitmapOffset + firstByte, window);
        set = BitAt(window, skip, highBitFirst);
        return Math.Min(bits, FirstDifferent(window, skip, set, highBitFirst) - skip);
    }

    private static bool BitAt(ReadOnlySpan<byte> bitmap, int bit, bool highBitFirst) =>
        (bitmap[bit / 8] >> (highBitFirst ? 7 - (bit % 8) : bit % 8) & 1) != 0;

    /// <summary>The first bit from <paramref name="start"/> on that differs, or the number of bits.</summary>
    private static int FirstDifferent(ReadOnlySpan<byte> bitmap, int start, bool set, bool highBitFirst)
    {
        var end = bitmap.Length * 8;
        var bit = start;
        while (bit < end && bit % 8 != 0)
        {
            if (BitAt(bitmap, bit, highBitFirst) != set)
            {
                return bit;
            }

            bit++;
        }

        var same = set ? byte.MaxValue : byte.MinValue;
        var different = bitmap[(bit / 8)..].IndexOfAnyExcept(same);
        if (different < 0)
        {
            return end;
        }

        bit += different * 8;
        var value = (byte)(bitmap[bit / 8] ^ same);
        return bit + (highBitFirst ? BitOperations.LeadingZeroCount((uint)value << 24) : BitOperations.TrailingZeroCount(value));
    }
}
