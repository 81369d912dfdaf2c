using System.Text.Json.Serialization;

namespace Tidemark.Cli.Json;

/// <summary>The last line of a run that was done.</summary>
internal abstract class ResultEvent(string verb, int exitCode) : CliEvent("result")
{
    [JsonPropertyOrder(-2)]
    public string Verb => verb;

    [JsonPropertyOrder(-1)]
    public int ExitCode => exitCode;
}
