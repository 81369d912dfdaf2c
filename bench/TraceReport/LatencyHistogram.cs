using System.Numerics;

namespace Tidemark.Bench.TraceReport;

/// <summary>Durations in buckets an eighth of a power of two wide, so that percentiles are right to within a tenth.</summary>
internal sealed class LatencyHistogram
{
    private const int Steps = 8;

    private readonly long[] counts = new long[64 * Steps];

    public long Count { get; private set; }

    /// <summary>Nanoseconds.</summary>
    public long Max { get; private set; }

    public void Add(long nanoseconds)
    {
        counts[Bucket(nanoseconds)]++;
        Count++;
        Max = Math.Max(Max, nanoseconds);
    }

    /// <summary>Nanoseconds that the given share of all durations doesn't exceed; 0 without any.</summary>
    public long Percentile(double share)
    {
        var rank = (long)Math.Ceiling(share * Count);
        long seen = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            seen += counts[i];
            if (seen >= rank && seen > 0)
            {
                return Math.Min(Max, UpperEnd(i));
            }
        }

        return 0;
    }

    private static int Bucket(long nanoseconds)
    {
        var value = Math.Max(1, nanoseconds);
        var power = BitOperations.Log2((ulong)value);
        var step = (int)(((UInt128)(ulong)(value - (1L << power)) * Steps) >> power);
        return (power * Steps) + step;
    }

    private static long UpperEnd(int bucket)
    {
        var (power, step) = Math.DivRem(bucket, Steps);
        return (long)((1L << power) * (1 + ((step + 1) / (double)Steps)));
    }
}
