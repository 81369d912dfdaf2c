namespace Tidemark.Bench.TraceReport;

/// <summary>One finished transfer. Times are nanoseconds since the run began.</summary>
internal sealed record SlowTransfer(string What, long Offset, long Length, double Submitted, long Nanoseconds, long Error);

/// <summary>All transfers of one kind in a run: reads of the source, writes of the store, and so on.</summary>
/// <param name="name">What the report calls them.</param>
/// <param name="queued">Whether they go through a queue, so that there is a depth; others are one call each.</param>
internal sealed class Transfers(string name, bool queued)
{
    /// <summary>The slowest kept for the table.</summary>
    public const int Slowest = 10;

    private readonly Dictionary<long, (double At, long Offset)> open = [];
    private readonly PriorityQueue<SlowTransfer, long> slow = new();
    private double depthSince;
    private long depthNow;
    private double firstAt = -1;
    private double lastAt;

    public string Name => name;

    public bool Queued => queued;

    public long Count { get; private set; }

    public long Bytes { get; private set; }

    public long Errors { get; private set; }

    public LatencyHistogram Latency { get; } = new();

    /// <summary>Nanoseconds of all transfers together, in a queue several times the time that passed.</summary>
    public double Nanoseconds { get; private set; }

    public long MaxDepth { get; private set; }

    /// <summary>Depth times nanoseconds.</summary>
    public TimeSeries Depth { get; } = new();

    /// <summary>Bytes when they were reaped.</summary>
    public TimeSeries Flow { get; } = new();

    /// <summary>Nanoseconds from the first transfer's submission to the last one's end.</summary>
    public double Span => Count == 0 ? 0 : lastAt - firstAt;

    /// <summary>Mean of the depth over <see cref="Span"/>.</summary>
    public double MeanDepth { get; private set; }

    /// <summary>The slowest, slowest first.</summary>
    public IEnumerable<SlowTransfer> SlowestFirst => slow.UnorderedItems.Select(i => i.Element).OrderByDescending(t => t.Nanoseconds);

    public void Submitted(double at, long slot, long offset, long depth)
    {
        Begin(at);
        open[slot] = (at, offset);
        SetDepth(at, depth);
    }

    public void Reaped(double at, long slot, long offset, long length, long error, long depth)
    {
        SetDepth(at, depth);
        if (open.Remove(slot, out var submitted))
        {
            Ended(submitted.At, at, submitted.Offset, length, error);
        }
        else
        {
            // Submitted before the recording began: its duration isn't known, its bytes are.
            Begin(at);
            Tally(at, length, error);
        }
    }

    /// <summary>A transfer that was one call, or one queued whose beginning is known.</summary>
    public void Ended(double began, double at, long offset, long length, long error)
    {
        Begin(began);
        Tally(at, length, error);
        var nanoseconds = (long)(at - began);
        Latency.Add(nanoseconds);
        Nanoseconds += nanoseconds;
        slow.Enqueue(new SlowTransfer(name, offset, length, began, nanoseconds, error), nanoseconds);
        if (slow.Count > Slowest)
        {
            slow.Dequeue();
        }
    }

    private void Begin(double at)
    {
        if (firstAt < 0)
        {
            firstAt = depthSince = at;
        }
    }

    private void Tally(double at, long length, long error)
    {
        Count++;
        Bytes += length;
        Errors += error == 0 ? 0 : 1;
        Flow.Add(at, length);
        lastAt = Math.Max(lastAt, at);
    }

    private void SetDepth(double at, long depth)
    {
        var span = at - firstAt;
        if (at > depthSince && span > 0)
        {
            Depth.Spread(depthSince, at, depthNow * (at - depthSince));
            MeanDepth = ((MeanDepth * (depthSince - firstAt)) + (depthNow * (at - depthSince))) / span;
        }

        depthSince = Math.Max(depthSince, at);
        depthNow = depth;
        MaxDepth = Math.Max(MaxDepth, depth);
    }
}
