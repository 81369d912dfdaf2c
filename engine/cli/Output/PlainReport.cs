using Tidemark.Cli.Json;
using Tidemark.Engine.Progress;

namespace Tidemark.Cli.Output;

/// <summary>Plain lines: for pipes, logs and terminals that can do nothing else.</summary>
internal class PlainReport(Stream results) : Report
{
    // Someone who reads a log wants to know that it goes on, and not much more.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly ProgressRate rate = new();
    private readonly StreamWriter output = StandardStreams.Text(results);

    public override void Progress(in RunProgress progress)
    {
        // The first line comes after an interval: short runs have none.
        if (rate.Take(progress, Interval) && progress.Seconds >= Interval.TotalSeconds)
        {
            StandardStreams.Error.WriteLine($"{progress.Phase} {PeopleText.Progress(progress, rate)}");
        }
    }

    public override void Warn(string message) => StandardStreams.Error.WriteLine($"tidemark: warning: {message}");

    public override void Tell(CliEvent item, Action<TextWriter> forPeople) => forPeople(output);

    public override void Flush() => output.Flush();

    public override void Fail(ErrorEvent error)
    {
        output.Flush();
        StandardStreams.Error.WriteLine($"tidemark: {error.Message}");
    }

    public override void Dispose() => output.Dispose();
}
