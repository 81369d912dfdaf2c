using Spectre.Console;

namespace Tidemark.Cli.Output;

/// <summary>
/// A Spectre bar turned inside out: it draws on a thread of its own, since the run here calls it and not the other way
/// round. Where it can't be drawn, for whatever reason, there is none: the run matters more.
/// </summary>
internal sealed class ProgressBarRun : IDisposable
{
    private readonly ManualResetEventSlim ended = new();
    private readonly ManualResetEventSlim begun = new();
    private readonly Thread? thread;
    private ProgressTask? task;

    public ProgressBarRun(string name)
    {
        Console = Terminal.Create(StandardStreams.Error);
        var drawing = new Thread(() => Draw(name)) { IsBackground = true, Name = "progress bar" };
        try
        {
            drawing.Start();
            thread = drawing;
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            // There may be no more threads.
            return;
        }

        begun.Wait();
    }

    /// <summary>Where other lines may be written while the bar stands.</summary>
    public IAnsiConsole Console { get; }

    /// <summary>What stands behind the bar.</summary>
    public string Details { get; set; } = "";

    /// <param name="phase">What stands before the bar.</param>
    /// <param name="share">From 0 to 1.</param>
    public void Show(string phase, double share)
    {
        if (task is { } shown)
        {
            shown.Description = phase;
            shown.Value = share;
        }
    }

    /// <summary>Takes the bar away.</summary>
    public void Dispose()
    {
        ended.Set();
        thread?.Join();
        ended.Dispose();
        begun.Dispose();
    }

    private void Draw(string name)
    {
        try
        {
            Console.Progress()
                .AutoClear(true)
                .Columns(
                    new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 30 },
                    new PercentageColumn(), new DetailsColumn(this))
                .Start(context =>
                {
                    task = context.AddTask(name, maxValue: 1);
                    begun.Set();
                    ended.Wait();
                });
        }
#pragma warning disable CA1031 // A bar is no reason to end a run, and on a thread of its own nobody else would catch it.
        catch (Exception)
#pragma warning restore CA1031
        {
            task = null;
        }
        finally
        {
            begun.Set();
        }
    }

    private sealed class DetailsColumn(ProgressBarRun run) : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override Spectre.Console.Rendering.IRenderable Render(
            Spectre.Console.Rendering.RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Text(run.Details);
    }
}
