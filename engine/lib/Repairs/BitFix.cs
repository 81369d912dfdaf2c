namespace Tidemark.Engine.Repairs;

/// <summary>
/// Finds the one bit that was flipped in bytes that carry a checksum: the checksum tells which candidate is right. A
/// checksum of 64 or 128 bits isn't met by chance among the few million candidates.
/// </summary>
internal static class BitFix
{
    /// <summary>Bits between looks at the user's wish to end it: in long bytes each takes tens of microseconds.</summary>
    private const int BitsPerLook = 1024;

    /// <summary>Flips each bit of a range in turn until the bytes hold; they stay as they are if none does.</summary>
    /// <param name="from">The range's first byte.</param>
    /// <param name="end">The byte behind its last.</param>
    /// <param name="holds">Whether the bytes are as they were written.</param>
    public static bool TryFix(byte[] bytes, int from, int end, Func<byte[], bool> holds, CancellationToken cancellation = default)
    {
        for (var bit = from * 8L; bit < end * 8L; bit++)
        {
            if (bit % BitsPerLook == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            bytes[bit >> 3] ^= (byte)(1 << (int)(bit & 7));
            if (holds(bytes))
            {
                return true;
            }

            bytes[bit >> 3] ^= (byte)(1 << (int)(bit & 7));
        }

        return false;
    }
}
