using System.CommandLine;
using System.ComponentModel;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Engine;

namespace Tidemark.Cli.Verbs;

/// <summary>What all verbs have in common: how they tell, how they are interrupted, and how their failures end.</summary>
internal static class VerbRun
{
    public const string JsonName = "--json";

    public const string QuietName = "--quiet";

    /// <summary>Set to 1, it adds a stack trace to the message of a failure; for reports of defects.</summary>
    private const string TraceVariable = "TIDEMARK_TRACE";

    public static Option<bool> Json { get; } = new(JsonName)
    {
        Description = "Write one JSON object a line to standard output",
        Recursive = true,
    };

    public static Option<bool> Quiet { get; } = new(QuietName)
    {
        Description = "Write only warnings, errors, and results whose exit code isn't 0",
        Recursive = true,
    };

    /// <summary>Gives a command its action.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="streams">Whether it writes its output while it works, so that no bar may stand in the way.</param>
    /// <param name="action">Runs the verb and returns its exit code.</param>
    /// <param name="content">Tells whether the verb's content goes to standard output; null for a verb that never writes any.</param>
    public static Command Runs(
        this Command command, bool streams, Func<ParseResult, Report, CancellationToken, int> action, Func<ParseResult, bool>? content = null)
    {
        command.SetAction(parsed => Run(command.Name, parsed, streams, content?.Invoke(parsed) ?? false, action));
        return command;
    }

    private static int Run(
        string verb, ParseResult parsed, bool streams, bool content, Func<ParseResult, Report, CancellationToken, int> action)
    {
        using var interruption = new Interruption();
        using var report = Report.Create(verb, parsed.GetValue(Json), streams, parsed.GetValue(Quiet), content);
        try
        {
            var code = action(parsed, report, interruption.Token);
            report.End(code);
            return code;
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return Fail(report, verb, ExitCodes.Interrupted, Interrupted(verb, report.Committed), null);
        }
        catch (TidemarkException e)
        {
            return Fail(report, verb, ExitCodes.Of(e.Error), AdviceText.With(e), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception)
        {
            return Fail(report, verb, ExitCodes.Failed, e.Message, e);
        }
        catch (Exception e) when (IsLackOfMemory(e))
        {
            return Fail(
                report, verb, ExitCodes.Failed, "There isn't enough memory, or no more threads can be made. Give less with --queue-depth or --request-size, or raise the limits.", e);
        }
#pragma warning disable CA1031 // Whatever happens ends with a message and an exit code of the contract.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Fail(
                report, verb, ExitCodes.Failed,
                $"Unexpected {e.GetType().Name}: {e.Message} This is a defect; please report it with what {TraceVariable}=1 adds.", e);
        }
    }

    /// <summary>Also where it was found by what a type needs before its first use.</summary>
    private static bool IsLackOfMemory(Exception? problem) =>
        problem is not null && (problem is OutOfMemoryException or ThreadStartException || IsLackOfMemory(problem.InnerException));

    private static string Interrupted(string verb, int committed) => (verb, committed) switch
    {
        ("backup" or "import", 0) => "Interrupted. Nothing was stored; what earlier runs stored is as it was. Run again to begin anew.",
        ("backup" or "import", _) =>
            $"Interrupted. {PeopleText.Count(committed, "image")} of this run {(committed == 1 ? "is" : "are")} committed and {(committed == 1 ? "stays" : "stay")}; run again for the rest.",
        _ => "Interrupted. What is committed stays; run again to go on.",
    };

    private static int Fail(Report report, string verb, int code, string message, Exception? cause)
    {
        var trace = cause is not null && Environment.GetEnvironmentVariable(TraceVariable) == "1";
        report.Fail(new ErrorEvent(verb, code, trace ? $"{message}\n{cause}" : message));
        return code;
    }
}
