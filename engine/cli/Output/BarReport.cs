using Spectre.Console;
using Tidemark.Cli.Json;
using Tidemark.Engine.Progress;

namespace Tidemark.Cli.Output;

/// <summary>A progress bar on the terminal's standard error, with speed, what changed so far and the time left.</summary>
internal sealed class BarReport(string verb, Stream results) : Report
{
    // The bar's own details change this often; more is a flicker.
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    private readonly PlainReport plain = new(results);
    private readonly ProgressRate rate = new();
    private ProgressBarRun? bar;

    public override void Progress(in RunProgress progress)
    {
        bar ??= new ProgressBarRun(verb);
        if (rate.Take(progress, Interval))
        {
            bar.Details = PeopleText.Speed(progress, rate);
        }

        bar.Show(progress.Phase, progress.TotalBytes == 0 ? 1 : (double)progress.DoneBytes / progress.TotalBytes);
    }

    public override void Warn(string message)
    {
        if (bar is { } running)
        {
            running.Console.MarkupLineInterpolated($"[yellow]tidemark: warning: {message}[/]");
        }
        else
        {
            plain.Warn(message);
        }
    }

    public override void Tell(CliEvent item, Action<TextWriter> forPeople)
    {
        End();
        plain.Tell(item, forPeople);
    }

    public override void Flush() => plain.Flush();

    public override void Fail(ErrorEvent error)
    {
        End();
        plain.Fail(error);
    }

    public override void Dispose()
    {
        End();
        plain.Dispose();
    }

    private void End()
    {
        bar?.Dispose();
        bar = null;
    }
}
