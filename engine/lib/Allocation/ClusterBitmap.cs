using System.Buffers.Binary;
using System.Diagnostics;
using System.Numerics;

namespace Tidemark.Engine.Allocation;

/// <summary>
/// A bitmap with one bit a cluster, the lowest bit of a byte first and set where the cluster is in use, as NTFS and exFAT keep
/// it: read a window at a time.
/// </summary>
/// <param name="content">At least as many bytes as <paramref name="count"/> bits take.</param>
/// <param name="count">Clusters.</param>
internal sealed class ClusterBitmap(AllocationContent content, long count)
{
    /// <summary>Bytes of the window: one transfer, and the clusters of 2 GiB at 4 KiB each.</summary>
    private const int WindowBytes = 64 << 10;

    private const int WordBytes = sizeof(ulong);
    private const int WordBits = WordBytes * 8;
    private const long WindowBits = WindowBytes * 8L;

    private readonly byte[] window = new byte[WindowBytes];
    private long windowStart = -1;

    public long Count => count;

    /// <summary>The run of clusters in one state from <paramref name="first"/> on, to its end or to that of the window.</summary>
    public (bool IsUsed, long End) RunAt(long first)
    {
        Debug.Assert(first >= 0 && first < count);
        var start = Load(first);
        var end = Math.Min(start + WindowBits, count);
        var at = first - start;
        var isUsed = (window[at / 8] >> (int)(at % 8) & 1) != 0;
        var word = at / WordBits;
        // Bits that differ from the state, without those before the first.
        var differing = Differing(word, isUsed) & (ulong.MaxValue << (int)(at % WordBits));
        while (differing == 0 && start + ((word + 1) * WordBits) < end)
        {
            word++;
            differing = Differing(word, isUsed);
        }

        var run = differing == 0 ? end : Math.Min(end, start + (word * WordBits) + BitOperations.TrailingZeroCount(differing));
        return (isUsed, run);
    }

    /// <summary>Whether all clusters of a range are in use.</summary>
    public bool AreUsed(long first, long length)
    {
        for (var at = first; at < first + length;)
        {
            var (isUsed, end) = RunAt(at);
            if (!isUsed)
            {
                return false;
            }

            at = end;
        }

        return true;
    }

    /// <summary>Clusters in use among the first ones.</summary>
    public long CountUsed(long clusters)
    {
        Debug.Assert(clusters >= 0 && clusters <= count);
        long used = 0;
        for (long start = 0; start < clusters; start += WindowBits)
        {
            Load(start);
            var bits = Math.Min(WindowBits, clusters - start);
            for (long word = 0; word < bits / WordBits; word++)
            {
                used += BitOperations.PopCount(Word(word));
            }

            if (bits % WordBits != 0)
            {
                used += BitOperations.PopCount(Word(bits / WordBits) & ~(ulong.MaxValue << (int)(bits % WordBits)));
            }
        }

        return used;
    }

    private ulong Word(long index) => BinaryPrimitives.ReadUInt64LittleEndian(window.AsSpan((int)index * WordBytes));

    private ulong Differing(long word, bool isUsed) => isUsed ? ~Word(word) : Word(word);

    private long Load(long cluster)
    {
        var start = cluster - (cluster % WindowBits);
        if (start != windowStart)
        {
            windowStart = -1;
            var bytes = (int)Math.Min(WindowBytes, ((count + 7) / 8) - (start / 8));
            content.Read(start / 8, window.AsSpan(0, bytes));
            window.AsSpan(bytes).Clear();
            windowStart = start;
        }

        return start;
    }
}
