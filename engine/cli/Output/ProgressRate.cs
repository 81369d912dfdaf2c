using System.Diagnostics;
using Tidemark.Engine.Progress;

namespace Tidemark.Cli.Output;

/// <summary>The speed of the last seconds, from which the time left is told; and when it is time to tell.</summary>
internal sealed class ProgressRate
{
    /// <summary>Speeds vary along a disk: some seconds of the past are the best guess at what comes.</summary>
    private const int Samples = 16;

    /// <summary>With 16 of them, the window is eight seconds.</summary>
    private const double SampleSeconds = 0.5;

    private readonly (double Seconds, long Bytes)[] samples = new (double, long)[Samples];
    private int count;
    private string phase = "";
    private double told = double.NegativeInfinity;

    /// <summary>0 while it isn't known.</summary>
    public long BytesPerSecond { get; private set; }

    /// <summary>Null while it isn't known.</summary>
    public long? SecondsLeft { get; private set; }

    /// <summary>Takes a report in; true where it is the first of a phase, or an interval has passed since the last true.</summary>
    public bool Take(in RunProgress progress, TimeSpan interval)
    {
        var isNew = progress.Phase != phase;
        if (isNew)
        {
            phase = progress.Phase;
            count = 0;
            BytesPerSecond = 0;
            SecondsLeft = null;
        }

        if (count == 0 || progress.Seconds - samples[(count - 1) % Samples].Seconds >= SampleSeconds)
        {
            samples[count++ % Samples] = (progress.Seconds, progress.DoneBytes);
        }

        Debug.Assert(count > 0);
        var oldest = samples[count <= Samples ? 0 : count % Samples];
        var seconds = progress.Seconds - oldest.Seconds;
        if (seconds > 0 && progress.DoneBytes > oldest.Bytes)
        {
            var speed = (progress.DoneBytes - oldest.Bytes) / seconds;
            BytesPerSecond = (long)speed;
            SecondsLeft = speed < 1 ? null : (long)Math.Ceiling(Math.Max(0, progress.TotalBytes - progress.DoneBytes) / speed);
        }

        if (!isNew && progress.Seconds - told < interval.TotalSeconds)
        {
            return false;
        }

        told = progress.Seconds;
        return true;
    }
}
