using System.Numerics;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;

namespace Tidemark.Engine.Index;

/// <summary>
/// The state of a volume at an image: the overlay of its lineage's indexes, newest wins, streamed in block order.
/// Every operation is built on it.
/// </summary>
/// <remarks>
/// Cursors whose extent lies ahead wait in a heap by first block; those whose extent covers the position are bits of a set,
/// so that the newest is the lowest bit. Older cursors are moved only when they come to light again.
/// </remarks>
internal sealed class MergeCursor
{
    private readonly ExtentCursor[] layers;
    private readonly ulong[] active;
    private readonly PriorityQueue<int, long> upcoming;
    private int hashLayer = -1;
    private int hashStart;
    private int hashCount;

    private readonly bool tellsLosses;

    /// <param name="lineage">The point in time, whose ancestors are all there.</param>
    public MergeCursor(Lineage lineage)
        : this(lineage, tellsLosses: false)
    {
    }

    private MergeCursor(Lineage lineage, bool tellsLosses)
    {
        Invariant.Holds(tellsLosses || !lineage.IsCutOff);
        this.tellsLosses = tellsLosses;
        layers = new ExtentCursor[lineage.Count + (lineage.IsCutOff ? 1 : 0)];
        active = new ulong[(layers.Length + 63) / 64];
        upcoming = new PriorityQueue<int, long>(layers.Length);
        BlockCount = lineage.Header.BlockCount;
        var limit = BlockCount;
        for (var i = 0; i < layers.Length; i++)
        {
            limit = i < lineage.Count ? Math.Min(limit, lineage[i].Header.BlockCount) : limit;
            layers[i] = i < lineage.Count
                ? new ImageCursor(lineage[i], limit, lineage.Role(i) == LayerRole.Healing)
                : new MissingCursor(limit, lineage.Problem);
            if (layers[i].MoveNext())
            {
                upcoming.Enqueue(i, layers[i].Current.First);
            }
        }
    }

    /// <summary>
    /// A merge that goes on over damage: what a damaged page or a missing ancestor may have spoken of is told as
    /// <see cref="BlockState.Lost"/>.
    /// </summary>
    public static MergeCursor WithLosses(Lineage lineage) => new(lineage, tellsLosses: true);

    /// <summary>Blocks of the newest image.</summary>
    public long BlockCount { get; }

    /// <summary>The next block to be told.</summary>
    public long Position { get; private set; }

    /// <summary>Hashes of the last extent read, one a block, if its state is stored; valid until the next read.</summary>
    public ReadOnlySpan<UInt128> Hashes => layers[hashLayer].Hashes.Slice(hashStart, hashCount);

    public ImageReader ImageOf(in MergedExtent extent) => layers[extent.Layer].Image!;

    /// <summary>
    /// Why the extent read last is lost, where that is because of damage or of an ancestor that is missing; null where an index
    /// records it.
    /// </summary>
    public string? ProblemOf(in MergedExtent extent) =>
        extent.State == BlockState.Lost ? layers[extent.Layer].Problem : null;

    /// <summary>
    /// Reads on from <see cref="Position"/>, at most up to <paramref name="upTo"/>, without a gap: what no image knows
    /// is absent. False when the position has reached <paramref name="upTo"/>.
    /// </summary>
    /// <exception cref="IndexDamageException">A page that tells of these blocks is damaged, and the merge doesn't go on over damage.</exception>
    public bool Read(long upTo, out MergedExtent extent)
    {
        extent = default;
        if (Position >= upTo)
        {
            return false;
        }

        Activate(Position);
        var layer = Newest();
        if (layer < 0)
        {
            var end = upcoming.TryPeek(out _, out var first) ? Math.Min(first, upTo) : upTo;
            extent = new MergedExtent(Position, end - Position, BlockState.Absent, -1, default, 0);
        }
        else
        {
            ref readonly var source = ref layers[layer].Current;
            if (!tellsLosses && layers[layer].Problem is { } problem)
            {
                throw new IndexDamageException(layers[layer].Image!, problem);
            }

            var end = Shadow(layer, Math.Min(source.End, upTo));
            hashLayer = layer;
            hashStart = (int)(source.State.IsStored() ? Position - source.First : 0);
            hashCount = (int)(source.State.IsStored() ? end - Position : 0);
            extent = new MergedExtent(
                Position, end - Position, source.State, layer, source.Frame, source.BlockInFrame + hashStart);
        }

        Invariant.Holds(extent.Count > 0 && extent.End <= upTo);
        Position = extent.End;
        return true;
    }

    /// <summary>
    /// Whether the next extent reads as zeros, and where it ends; the cursor stays where it is.
    /// </summary>
    public bool PeekZeros(out long end)
    {
        end = Position;
        if (Position >= BlockCount)
        {
            return false;
        }

        Activate(Position);
        var layer = Newest();
        if (layer < 0 || !layers[layer].Current.State.ReadsAsZeros())
        {
            return false;
        }

        end = Math.Min(BlockCount, Shadow(layer, layers[layer].Current.End));
        return true;
    }

    /// <summary>Skips to a block without telling what lies before it.</summary>
    public void SkipTo(long block)
    {
        Invariant.Holds(block >= Position);
        Position = block;
    }

    /// <summary>Goes to a block, forward or back; also after a read that failed.</summary>
    public void SeekTo(long block)
    {
        Position = block;
        upcoming.Clear();
        Array.Clear(active);
        for (var i = 0; i < layers.Length; i++)
        {
            if (layers[i].SeekTo(block))
            {
                upcoming.Enqueue(i, layers[i].Current.First);
            }
        }
    }

    private void Activate(long position)
    {
        while (upcoming.TryPeek(out var layer, out var first) && first <= position)
        {
            upcoming.Dequeue();
            active[layer >> 6] |= 1UL << layer;
        }
    }

    /// <summary>The newest layer whose extent covers the position; -1 if none does.</summary>
    private int Newest()
    {
        for (var word = 0; word < active.Length; word++)
        {
            while (active[word] != 0)
            {
                var layer = (word << 6) + BitOperations.TrailingZeroCount(active[word]);
                var cursor = layers[layer];
                if (cursor.Current.End > Position)
                {
                    return layer;
                }

                var more = cursor.MoveTo(Position);
                if (more && cursor.Current.First <= Position)
                {
                    return layer;
                }

                active[word] &= ~(1UL << layer);
                if (more)
                {
                    upcoming.Enqueue(layer, cursor.Current.First);
                }
            }
        }

        return -1;
    }

    /// <summary>Where the extent of a layer ends: at its end, or where a newer layer begins before.</summary>
    private long Shadow(int layer, long end)
    {
        while (upcoming.TryPeek(out var other, out var first) && first < end)
        {
            if (other < layer)
            {
                return first;
            }

            upcoming.Dequeue();
            active[other >> 6] |= 1UL << other;
        }

        return end;
    }
}
