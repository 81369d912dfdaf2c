using Tidemark.Cli.Json;
using Tidemark.Engine;
using Tidemark.Engine.Progress;

namespace Tidemark.Cli.Output;

/// <summary>
/// How a run tells what it does: as JSON lines, as plain lines, or with a bar on a terminal. Standard output gets the
/// results, standard error warnings, failures and people's progress.
/// </summary>
internal abstract class Report : IRunObserver, IDisposable
{
    /// <param name="verb">The verb, as far as it is known.</param>
    /// <param name="json">Whether programs read the output.</param>
    /// <param name="quiet">Whether only what isn't well is to be told.</param>
    /// <param name="streams">Whether results are written while the run works, so that no bar may stand in the way.</param>
    /// <param name="content">Whether standard output is what the verb's content goes to, so that all else goes to standard error.</param>
    public static Report Create(string? verb, bool json, bool streams, bool quiet = false, bool content = false)
    {
        var results = content ? StandardStreams.ErrorBytes : StandardStreams.Output;
        if (quiet)
        {
            return new QuietReport(json ? new JsonReport(results) : new PlainReport(results));
        }

        if (json)
        {
            return new JsonReport(results);
        }

        return !streams && verb is not null && Terminal.CanShowBar ? new BarReport(verb, results) : new PlainReport(results);
    }

    /// <summary>Images that this run has committed so far.</summary>
    public int Committed { get; set; }

    public abstract void Progress(in RunProgress progress);

    public abstract void Warn(string message);

    public void Warn(string reason, Advice advice) => Warn(AdviceText.With(reason, advice));

    /// <summary>A result, or a part of it.</summary>
    /// <param name="item">What programs get.</param>
    /// <param name="forPeople">Writes what people get.</param>
    public abstract void Tell(CliEvent item, Action<TextWriter> forPeople);

    /// <summary>Hands on what was told so far: whoever waits for it goes on with it while the run lasts.</summary>
    public abstract void Flush();

    /// <summary>The end of a run that did what was asked for, perhaps with something to look at.</summary>
    public virtual void End(int exitCode)
    {
    }

    /// <summary>The end of a run that failed.</summary>
    public abstract void Fail(ErrorEvent error);

    public abstract void Dispose();
}
