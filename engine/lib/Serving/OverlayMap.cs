namespace Tidemark.Engine.Serving;

/// <summary>Where a chunk's content is.</summary>
internal enum ChunkState : byte
{
    /// <summary>As in the image below.</summary>
    Below = 0,

    /// <summary>In the overlay.</summary>
    Data = 1,

    /// <summary>Zeros, written over the image.</summary>
    Zero = 2,
}

/// <summary>The states of all chunks, two bits each, and which pages of them aren't written yet. For any number of threads.</summary>
internal sealed class OverlayMap
{
    private readonly Lock gate = new();
    private readonly byte[] bits;
    private readonly bool[] dirty;
    private readonly long chunks;

    /// <param name="bits">As a file has them; they become the map's own.</param>
    public OverlayMap(byte[] bits, long chunks)
    {
        this.bits = bits;
        this.chunks = chunks;
        dirty = new bool[bits.Length / OverlayHeader.Size];
    }

    /// <summary>Whether all states are such that exist.</summary>
    public bool IsValid
    {
        get
        {
            // A pair of ones is no state.
            foreach (var four in bits)
            {
                if ((four & (four >> 1) & 0x55) != 0)
                {
                    return false;
                }
            }

            return true;
        }
    }

    public ChunkState this[long chunk] => (ChunkState)((Volatile.Read(ref bits[chunk >> 2]) >> (int)((chunk & 3) * 2)) & 3);

    public void Set(long chunk, ChunkState state)
    {
        if (this[chunk] == state)
        {
            return;
        }

        lock (gate)
        {
            var shift = (int)((chunk & 3) * 2);
            ref var four = ref bits[chunk >> 2];
            Volatile.Write(ref four, (byte)((four & ~(3 << shift)) | ((int)state << shift)));
            dirty[(chunk >> 2) / OverlayHeader.Size] = true;
        }
    }

    /// <summary>The chunk behind the last that is in the same state as this one, as far as it is worth looking.</summary>
    public long EndOfRun(long chunk)
    {
        const long MostChunks = 1 << 20;
        var state = this[chunk];
        var limit = Math.Min(chunks, chunk + MostChunks);
        var same = (byte)((int)state * 0x55);
        var end = chunk + 1;
        while (end < limit && this[end] == state)
        {
            // Whole bytes of one state go four at a time.
            end += (end & 3) == 0 && end + 4 <= limit && bits[end >> 2] == same ? 4 : 1;
        }

        return end;
    }

    /// <summary>Takes back a page that couldn't be written.</summary>
    public void MarkDirty(long offset)
    {
        lock (gate)
        {
            dirty[offset / OverlayHeader.Size] = true;
        }
    }

    /// <summary>Takes the pages that changed since this was called last.</summary>
    public List<(long Offset, byte[] Page)> TakeDirty()
    {
        lock (gate)
        {
            List<(long, byte[])> pages = [];
            for (var i = 0; i < dirty.Length; i++)
            {
                if (dirty[i])
                {
                    dirty[i] = false;
                    pages.Add(((long)i * OverlayHeader.Size, bits.AsSpan(i * OverlayHeader.Size, OverlayHeader.Size).ToArray()));
                }
            }

            return pages;
        }
    }
}
