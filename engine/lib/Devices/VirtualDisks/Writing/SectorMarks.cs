using System.Diagnostics;

namespace Tidemark.Engine.Devices.VirtualDisks.Writing;

/// <summary>Which sectors of one block are there: a bit each, the first in a byte's lowest (the order of VHDX).</summary>
/// <param name="sectors">Sectors of a block, a multiple of 8.</param>
internal sealed class SectorMarks(long sectors)
{
    private readonly byte[] bits = new byte[sectors / 8];

    public ReadOnlySpan<byte> Bytes => bits;

    /// <summary>Sectors set; each is set once.</summary>
    public long Count { get; private set; }

    public void Set(long first, long end)
    {
        Debug.Assert(first >= 0 && first < end && end <= sectors);
        Count += end - first;
        for (; first < end && first % 8 != 0; first++)
        {
            bits[first / 8] |= (byte)(1 << (int)(first % 8));
        }

        var whole = (int)((end - first) / 8);
        bits.AsSpan((int)(first / 8), whole).Fill(byte.MaxValue);
        for (first += whole * 8L; first < end; first++)
        {
            bits[first / 8] |= (byte)(1 << (int)(first % 8));
        }
    }

    public void Clear()
    {
        bits.AsSpan().Clear();
        Count = 0;
    }
}
