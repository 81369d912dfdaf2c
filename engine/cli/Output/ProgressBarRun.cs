using Spectre.Console;

namespace Tidemark.Cli.Output;

/// <summary>
/// A Spectre bar turned inside out: it draws on a thread of its own, since the run here calls it and not the other way
/// round.
/// </summary>
internal sealed class ProgressBarRun : IDisposable
{
    private readonly ManualResetEventSlim ended = new();
    private readonly Thread thread;
    private readonly ProgressTask task;

    public ProgressBarRun(string name)
    {
        Console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.Console.Error) });
        using var begun = new ManualResetEventSlim();
        ProgressTask? first = null;
        thread = new Thread(() => Console.Progress()
            .AutoClear(true)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 30 }, new PercentageColumn(), new DetailsColumn(this))
            .Start(context =>
            {
                first = context.AddTask(name, maxValue: 1);
                begun.Set();
                ended.Wait();
            }))
        {
            IsBackground = true,
            Name = "progress bar",
        };
        thread.Start();
        begun.Wait();
        task = first!;
    }

    /// <summary>Where other lines may be written while the bar stands.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>What stands behind the bar.</summary>
    public string Details { get; set; } = "";

    /// <param name="phase">What stands before the bar.</param>
    /// <param name="share">From 0 to 1.</param>
    public void Show(string phase, double share)
    {
        task.Description = phase;
        task.Value = share;
    }

    /// <summary>Takes the bar away.</summary>
    public void Dispose()
    {
        ended.Set();
        thread.Join();
        ended.Dispose();
    }

    private sealed class DetailsColumn(ProgressBarRun run) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override Spectre.Console.Rendering.IRenderable Render(
            Spectre.Console.Rendering.RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(run.Details);
    }
}
