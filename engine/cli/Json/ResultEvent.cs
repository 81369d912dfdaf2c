using System.Text.Json.Serialization;

namespace Tidemark.Cli.Json;

/// <summary>The last line of a run that was done, or of a part of it by another name.</summary>
internal abstract class ResultEvent(string verb, int exitCode, string name = "result") : CliEvent(name)
{
    [JsonPropertyOrder(-2)]
    public string Verb => verb;

    [JsonPropertyOrder(-1)]
    public int ExitCode => exitCode;
}
