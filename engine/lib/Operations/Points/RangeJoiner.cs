using System.Diagnostics;

namespace Tidemark.Engine.Operations.Points;

/// <summary>Joins ranges that come in order where they touch, and counts them; the last one is told by <see cref="Complete"/>.</summary>
internal sealed class RangeJoiner(Action<ByteRange> onRange)
{
    private ByteRange pending;

    /// <summary>Ranges told so far.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes of all ranges added.</summary>
    public long Bytes { get; private set; }

    public void Add(long offset, long end)
    {
        if (end <= offset)
        {
            return;
        }

        Bytes += end - offset;
        if (pending.Length > 0 && pending.Offset + pending.Length == offset)
        {
            pending = pending with { Length = end - pending.Offset };
            return;
        }

        Debug.Assert(pending.Length == 0 || pending.Offset + pending.Length < offset, "ranges come in order");
        Complete();
        pending = new ByteRange(offset, end - offset);
    }

    public void Complete()
    {
        if (pending.Length > 0)
        {
            Count++;
            onRange(pending);
            pending = default;
        }
    }
}
