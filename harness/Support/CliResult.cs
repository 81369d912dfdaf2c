using System.Text.Json;

namespace Tidemark.Harness.Support;

/// <summary>How the command line ended, what it said, and its JSON lines where it was asked for them.</summary>
internal sealed record CliResult(ToolResult Process, IReadOnlyList<JsonElement> Events)
{
    public int ExitCode => Process.ExitCode;

    public string Output => Process.Output;

    public string Error => Process.Error;

    /// <summary>The last JSON line, which is a result or an error.</summary>
    public JsonElement Last => Events.Count > 0
        ? Events[^1]
        : throw new InvalidOperationException($"{Process.Command} wrote no JSON line. standard error: {Error}");

    /// <summary>The one result; fails if the run ended otherwise.</summary>
    public JsonElement Result => Last.GetProperty("event").GetString() == "result"
        ? Last
        : throw new InvalidOperationException($"{Process.Command} ended with {Last.GetRawText()}");

    /// <summary>Fails with everything the program said unless it ended with one of the exit codes.</summary>
    public CliResult EndedWith(params int[] exitCodes)
    {
        Process.EndedWith(exitCodes);
        return this;
    }

    public CliResult Succeeded() => EndedWith(0);
}
