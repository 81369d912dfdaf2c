using System.Text.Json;

namespace Tidemark.Harness.Support;

/// <summary>
/// The real command line as its users run it: the native program that TIDEMARK_EXE names, else the one built beside
/// the tests: on Windows (and Wine) a program with its runtime, elsewhere one for the runtime that runs the tests.
/// </summary>
internal static class TidemarkCli
{
    public const string Variable = "TIDEMARK_EXE";

    /// <summary>Whether the native program is what runs.</summary>
    public static bool IsNative => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable));

    /// <summary>The program and what comes before its own arguments, for tests that start it in ways of their own.</summary>
    public static (string Program, string[] Leading) Command => IsNative
        ? (Environment.GetEnvironmentVariable(Variable)!, [])
        : OperatingSystem.IsWindows() ? (Path.Combine(AppContext.BaseDirectory, "tidemark.exe"), [])
        : (DotNet(), [Path.Combine(AppContext.BaseDirectory, "tidemark.dll")]);

    /// <summary>
    /// Runs a verb to its end. With <c>--json</c> among the arguments, every line of standard output must be a JSON
    /// object with an "event".
    /// </summary>
    public static CliResult Run(params string[] arguments) => Run(arguments, null);

    public static CliResult Run(
        string[] arguments, IReadOnlyDictionary<string, string?>? environment, string input = "", TimeSpan? timeout = null)
    {
        var (program, leading) = Command;
        var process = Tool.Start(program, [.. leading, .. arguments], timeout ?? Patience.Limit, input, environment);
        return new CliResult(process, arguments.Contains("--json") ? Events(process) : []);
    }

    public static List<JsonElement> Events(ToolResult process)
    {
        var events = new List<JsonElement>();
        foreach (var line in process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            JsonElement element;
            try
            {
                element = JsonElement.Parse(line);
            }
            catch (JsonException e)
            {
                throw new InvalidOperationException($"{process.Command} wrote a line that isn't JSON: {line}", e);
            }

            if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty("event", out _))
            {
                throw new InvalidOperationException($"{process.Command} wrote a line without an event: {line}");
            }

            events.Add(element);
        }

        return events;
    }

    // The host that runs the tests knows the runtime; DOTNET_ROOT need not be on PATH.
    private static string DotNet() => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH")
        ?? (Path.GetFileName(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet");
}
