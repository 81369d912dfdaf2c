using System.Diagnostics;

namespace Tidemark.Bench.TraceReport;

/// <summary>
/// Amounts over time in a fixed number of buckets, whatever the length of the run: when time runs past the last bucket,
/// pairs are merged and buckets get twice as wide.
/// </summary>
internal sealed class TimeSeries
{
    /// <summary>Enough for a chart of a screen's width; after merging at least half of them are in use.</summary>
    private const int Buckets = 512;

    private readonly double[] sums = new double[Buckets];

    /// <summary>Nanoseconds of a bucket; the first is narrow enough for the shortest run.</summary>
    public double Width { get; private set; } = 10_000;

    /// <summary>Spreads an amount evenly over an interval, in nanoseconds since the run began.</summary>
    public void Spread(double start, double end, double amount)
    {
        start = Math.Max(0, start);
        if (end <= start)
        {
            Add(start, amount);
            return;
        }

        Reach(end);
        var perNanosecond = amount / (end - start);
        for (var bucket = (int)(start / Width); bucket < Buckets && bucket * Width < end; bucket++)
        {
            var from = Math.Max(start, bucket * Width);
            var to = Math.Min(end, (bucket + 1) * Width);
            sums[bucket] += (to - from) * perNanosecond;
        }
    }

    public void Add(double at, double amount)
    {
        at = Math.Max(0, at);
        Reach(at);
        sums[Math.Min(Buckets - 1, (int)(at / Width))] += amount;
    }

    /// <summary>The sums of so many equal pieces of the time from 0 to <paramref name="end"/>.</summary>
    public double[] Resample(int pieces, double end)
    {
        Debug.Assert(pieces > 0);
        var result = new double[pieces];
        var piece = end / pieces;
        for (var bucket = 0; bucket < Buckets && bucket * Width < end; bucket++)
        {
            // Where the time ends within a bucket, all of its sum came before that.
            var (first, last) = (bucket * Width, Math.Min((bucket + 1) * Width, end));
            for (var at = (int)(first / piece); at < pieces && at * piece < last; at++)
            {
                var share = Math.Min(last, (at + 1) * piece) - Math.Max(first, at * piece);
                result[at] += sums[bucket] * Math.Max(0, share) / (last - first);
            }
        }

        return result;
    }

    private void Reach(double end)
    {
        while (end > Buckets * Width)
        {
            for (var i = 0; i < Buckets / 2; i++)
            {
                sums[i] = sums[2 * i] + sums[(2 * i) + 1];
            }

            Array.Clear(sums, Buckets / 2, Buckets / 2);
            Width *= 2;
        }
    }
}
