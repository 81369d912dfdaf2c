using System.Diagnostics;

namespace Tidemark.Engine.Progress;

/// <summary>Wall and processor time of a run, and when it is time to tell about progress.</summary>
/// <param name="time">Wall time.</param>
/// <param name="cpu">Processor time so far; null for this process's own.</param>
internal sealed class RunClock(TimeProvider time, Func<TimeSpan>? cpu = null)
{
    /// <summary>Five times a second looks alive and costs nothing.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly long start = time.GetTimestamp();
    private readonly TimeSpan cpuStart = (cpu ?? ProcessCpu)();
    private long next;

    public double Seconds => time.GetElapsedTime(start).TotalSeconds;

    /// <summary>Processor time of the whole process since the run began, user and system.</summary>
    public double CpuSeconds => ((cpu ?? ProcessCpu)() - cpuStart).TotalSeconds;

    /// <summary>True at most once an interval.</summary>
    public bool IsDue()
    {
        var now = time.GetTimestamp();
        if (now < next)
        {
            return false;
        }

        next = now + (long)(Interval.TotalSeconds * time.TimestampFrequency);
        return true;
    }

    private static TimeSpan ProcessCpu()
    {
        if (OperatingSystem.IsLinux() || OperatingSystem.IsWindows())
        {
            return Environment.CpuUsage.TotalTime;
        }

        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }
}
