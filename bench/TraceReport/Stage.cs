namespace Tidemark.Bench.TraceReport;

/// <summary>One stage of a run over all threads that worked for it. Times are nanoseconds.</summary>
internal sealed class Stage(string name)
{
    private readonly HashSet<long> threads = [];

    public string Name => name;

    /// <summary>Threads that worked for the stage.</summary>
    public int Threads => threads.Count;

    /// <summary>Time of all threads together from where they began to where they left.</summary>
    public double Total { get; private set; }

    public double InputWait { get; private set; }

    public double OutputWait { get; private set; }

    /// <summary>Held to the rate that the user gave.</summary>
    public double RateWait { get; private set; }

    /// <summary>What is left: at work, or kept from a processor by others.</summary>
    public double Busy => Math.Max(0, Total - InputWait - OutputWait - RateWait);

    /// <summary>Busy time as a share of the stage's whole time.</summary>
    public double BusyShare => Total > 0 ? Busy / Total : 0;

    /// <summary>What the busy time went into, as far as events tell: "hash", "compare", "compress", and so on.</summary>
    public SortedDictionary<string, double> Parts { get; } = new(StringComparer.Ordinal);

    public TimeSeries Present { get; } = new();

    public TimeSeries Input { get; } = new();

    public TimeSeries Output { get; } = new();

    public TimeSeries Rate { get; } = new();

    public void Worked(long thread, double from, double to)
    {
        threads.Add(thread);
        Total += to - from;
        Present.Spread(from, to, to - from);
    }

    /// <param name="side">"input", "output" or "rate".</param>
    public void Waited(string side, double from, double to)
    {
        switch (side)
        {
            case "input":
                InputWait += to - from;
                Input.Spread(from, to, to - from);
                break;
            case "rate":
                RateWait += to - from;
                Rate.Spread(from, to, to - from);
                break;
            default:
                OutputWait += to - from;
                Output.Spread(from, to, to - from);
                break;
        }
    }

    public void Spent(string part, double nanoseconds) => Parts[part] = Parts.GetValueOrDefault(part) + Math.Max(0, nanoseconds);
}
