using System.Diagnostics;

namespace Tidemark.Engine.Format;

/// <summary>Unsigned LEB128 (DWARF 5, section 7.6), at most 63 bits, shortest form only.</summary>
internal static class Varint
{
    /// <summary>63 bits in groups of seven.</summary>
    public const int MaxSize = 9;

    public static int SizeOf(long value)
    {
        Debug.Assert(value >= 0);
        var bits = 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)value | 1);
        return (bits + 6) / 7;
    }

    /// <summary>Writes at <paramref name="at"/> and moves it on.</summary>
    public static void Write(Span<byte> bytes, ref int at, long value)
    {
        Debug.Assert(value >= 0);
        while (value >= 0x80)
        {
            bytes[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[at++] = (byte)value;
    }

    /// <summary>Reads at <paramref name="at"/> and moves it on; false if the bytes end, overflow or are padded.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ref int at, out long value)
    {
        value = 0;
        for (var shift = 0; shift < 63; shift += 7)
        {
            if ((uint)at >= (uint)bytes.Length)
            {
                return false;
            }

            var b = bytes[at++];
            value |= (long)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return b != 0 || shift == 0;
            }
        }

        return false;
    }
}
