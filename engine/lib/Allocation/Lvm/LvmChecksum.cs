namespace Tidemark.Engine.Allocation.Lvm;

/// <summary>The checksum of LVM2 (lib/misc/crc.c): CRC-32 that starts from a number of its own and isn't inverted at the end.</summary>
internal static class LvmChecksum
{
    private const uint Start = 0xF597A6CF;
    private const uint Polynomial = 0xEDB88320;

    private static readonly uint[] Table = MakeTable();

    public static uint Of(ReadOnlySpan<byte> data)
    {
        var state = Start;
        foreach (var b in data)
        {
            state = (state >> 8) ^ Table[(byte)state ^ b];
        }

        return state;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (var i = 0; i < table.Length; i++)
        {
            var value = (uint)i;
            for (var bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ Polynomial : value >> 1;
            }

            table[i] = value;
        }

        return table;
    }
}
