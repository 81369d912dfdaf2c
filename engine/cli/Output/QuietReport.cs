using Tidemark.Cli.Json;
using Tidemark.Engine.Progress;

namespace Tidemark.Cli.Output;

/// <summary>
/// For runs that nobody watches: a good one says nothing, so that no mail is sent of it. Warnings and failures are told at
/// once, and results where the run ends with another code than 0.
/// </summary>
internal sealed class QuietReport(Report inner) : Report
{
    private readonly List<(CliEvent Item, Action<TextWriter> ForPeople)> held = [];

    public override void Progress(in RunProgress progress)
    {
        // Nobody watches.
    }

    public override void Warn(string message) => inner.Warn(message);

    public override void Tell(CliEvent item, Action<TextWriter> forPeople)
    {
        // Lines that come in millions are what a verb was asked for, and no sign of what isn't well.
        if (item is not (RangeEvent or FileEvent))
        {
            held.Add((item, forPeople));
        }
    }

    public override void Flush() => inner.Flush();

    public override void End(int exitCode)
    {
        if (exitCode != ExitCodes.Done)
        {
            Release();
        }
    }

    public override void Fail(ErrorEvent error)
    {
        Release();
        inner.Fail(error);
    }

    public override void Dispose() => inner.Dispose();

    private void Release()
    {
        foreach (var (item, forPeople) in held)
        {
            inner.Tell(item, forPeople);
        }

        held.Clear();
    }
}
