using System.Text.Json.Serialization;

namespace Tidemark.Cli.Json;

/// <summary>
/// One line of <c>--json</c>. The fields of all events are a contract, written down in <c>engine/cli/JSON.md</c>.
/// </summary>
internal abstract class CliEvent(string name)
{
    /// <summary>What kind of line it is.</summary>
    [JsonPropertyOrder(-3)]
    public string Event => name;
}
