using System.Diagnostics;
using System.Numerics;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;

namespace Tidemark.Engine.Index;

/// <summary>
/// The state of a volume at an image: the overlay of its lineage's indexes, newest wins, streamed in block order.
/// Every operation is built on it.
/// </summary>
/// <remarks>
/// Cursors whose run lies ahead wait in a heap by first block; those whose run covers the position are bits of a set,
/// so that the newest is the lowest bit. Older cursors are moved only when they come to light again.
/// </remarks>
internal sealed class MergeCursor
{
    private readonly RunCursor[] levels;
    private readonly ulong[] active;
    private readonly PriorityQueue<int, long> upcoming;
    private int hashLevel = -1;
    private int hashStart;
    private int hashCount;

    private readonly bool salvages;

    /// <param name="lineage">The point in time, whose ancestors are all there.</param>
    public MergeCursor(Lineage lineage)
        : this(lineage, salvages: false)
    {
    }

    private MergeCursor(Lineage lineage, bool salvages)
    {
        Debug.Assert(salvages || !lineage.IsCutOff);
        this.salvages = salvages;
        levels = new RunCursor[lineage.Count + (lineage.IsCutOff ? 1 : 0)];
        active = new ulong[(levels.Length + 63) / 64];
        upcoming = new PriorityQueue<int, long>(levels.Length);
        BlockCount = lineage.Header.BlockCount;
        var limit = BlockCount;
        for (var i = 0; i < levels.Length; i++)
        {
            limit = i < lineage.Count ? Math.Min(limit, lineage[i].Header.BlockCount) : limit;
            levels[i] = i < lineage.Count
                ? new LevelCursor(lineage[i], limit, lineage.Role(i) == LevelRole.Healing)
                : new MissingCursor(limit, lineage.Problem);
            if (levels[i].MoveNext())
            {
                upcoming.Enqueue(i, levels[i].Current.First);
            }
        }
    }

    /// <summary>
    /// A merge that goes on over damage: what a damaged page or a missing ancestor may have spoken of is told as
    /// <see cref="BlockState.Lost"/>.
    /// </summary>
    public static MergeCursor Salvage(Lineage lineage) => new(lineage, salvages: true);

    /// <summary>Blocks of the newest image.</summary>
    public long BlockCount { get; }

    /// <summary>The next block to be told.</summary>
    public long Position { get; private set; }

    /// <summary>Hashes of the last run read, one a block, if its state is stored; valid until the next read.</summary>
    public ReadOnlySpan<UInt128> Hashes => levels[hashLevel].Hashes.Slice(hashStart, hashCount);

    public ImageReader ImageOf(in MergedRun run) => levels[run.Level].Image!;

    /// <summary>
    /// Why the run read last is lost, where that is because of damage or of an ancestor that is missing; null where an index
    /// records it.
    /// </summary>
    public string? ProblemOf(in MergedRun run) =>
        run.State == BlockState.Lost ? levels[run.Level].Problem : null;

    /// <summary>
    /// Reads on from <see cref="Position"/>, at most up to <paramref name="upTo"/>, without a gap: what no image knows
    /// is absent. False when the position has reached <paramref name="upTo"/>.
    /// </summary>
    /// <exception cref="IndexDamageException">A page that tells of these blocks is damaged, and the merge doesn't salvage.</exception>
    public bool Read(long upTo, out MergedRun run)
    {
        run = default;
        if (Position >= upTo)
        {
            return false;
        }

        Activate(Position);
        var level = Newest();
        if (level < 0)
        {
            var end = upcoming.TryPeek(out _, out var first) ? Math.Min(first, upTo) : upTo;
            run = new MergedRun(Position, end - Position, BlockState.Absent, -1, default, 0);
        }
        else
        {
            ref readonly var source = ref levels[level].Current;
            if (!salvages && levels[level].Problem is { } problem)
            {
                throw new IndexDamageException(levels[level].Image!, problem);
            }

            var end = Shadow(level, Math.Min(source.End, upTo));
            hashLevel = level;
            hashStart = (int)(source.State.IsStored() ? Position - source.First : 0);
            hashCount = (int)(source.State.IsStored() ? end - Position : 0);
            run = new MergedRun(
                Position, end - Position, source.State, level, source.Frame, source.BlockInFrame + hashStart);
        }

        Debug.Assert(run.Count > 0 && run.End <= upTo);
        Position = run.End;
        return true;
    }

    /// <summary>
    /// Whether the next run reads as zeros, and where it ends; the cursor stays where it is.
    /// </summary>
    public bool PeekZeros(out long end)
    {
        end = Position;
        if (Position >= BlockCount)
        {
            return false;
        }

        Activate(Position);
        var level = Newest();
        if (level < 0 || !levels[level].Current.State.ReadsAsZeros())
        {
            return false;
        }

        end = Math.Min(BlockCount, Shadow(level, levels[level].Current.End));
        return true;
    }

    /// <summary>Skips to a block without telling what lies before it.</summary>
    public void SkipTo(long block)
    {
        Debug.Assert(block >= Position);
        Position = block;
    }

    /// <summary>Goes to a block, forward or back; also after a read that failed.</summary>
    public void SeekTo(long block)
    {
        Position = block;
        upcoming.Clear();
        Array.Clear(active);
        for (var i = 0; i < levels.Length; i++)
        {
            if (levels[i].SeekTo(block))
            {
                upcoming.Enqueue(i, levels[i].Current.First);
            }
        }
    }

    private void Activate(long position)
    {
        while (upcoming.TryPeek(out var level, out var first) && first <= position)
        {
            upcoming.Dequeue();
            active[level >> 6] |= 1UL << level;
        }
    }

    /// <summary>The newest level whose run covers the position; -1 if none does.</summary>
    private int Newest()
    {
        for (var word = 0; word < active.Length; word++)
        {
            while (active[word] != 0)
            {
                var level = (word << 6) + BitOperations.TrailingZeroCount(active[word]);
                var cursor = levels[level];
                if (cursor.Current.End > Position)
                {
                    return level;
                }

                var more = cursor.MoveTo(Position);
                if (more && cursor.Current.First <= Position)
                {
                    return level;
                }

                active[word] &= ~(1UL << level);
                if (more)
                {
                    upcoming.Enqueue(level, cursor.Current.First);
                }
            }
        }

        return -1;
    }

    /// <summary>Where the run of a level ends: at its end, or where a newer level begins before.</summary>
    private long Shadow(int level, long end)
    {
        while (upcoming.TryPeek(out var other, out var first) && first < end)
        {
            if (other < level)
            {
                return first;
            }

            upcoming.Dequeue();
            active[other >> 6] |= 1UL << other;
        }

        return end;
    }
}
