using System.Text.Json;
using System.Text.RegularExpressions;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>The tables of <c>engine/cli/JSON.md</c>: what every object of <c>--json</c> has, by name and type.</summary>
internal sealed partial class JsonSchema
{
    private readonly Dictionary<string, Dictionary<string, string>> tables = [];
    private readonly HashSet<string> seen = [];

    public JsonSchema()
    {
        var name = "";
        foreach (var line in File.ReadLines(Repository.PathOf("engine/cli/JSON.md")))
        {
            if (line.StartsWith('#'))
            {
                name = Heading().Match(line) is { Success: true } heading
                    ? $"{heading.Groups[1].Value} {heading.Groups[2].Value}{heading.Groups[3].Value}"
                    : "";
            }
            else if (name.Length > 0 && Row().Match(line) is { Success: true } row)
            {
                if (!tables.TryGetValue(name, out var fields))
                {
                    tables[name] = fields = [];
                }

                fields.Add(row.Groups[1].Value, row.Groups[2].Value);
            }
        }
    }

    /// <summary>"Event progress", "Result of backup", "Object image".</summary>
    public IReadOnlyCollection<string> Tables => tables.Keys;

    /// <summary>Tables that no line checked so far was of.</summary>
    public IReadOnlyList<string> Unseen => [.. tables.Keys.Where(name => !seen.Contains(name))];

    /// <summary>Fails unless a line has exactly the fields that are written down, of the types that are.</summary>
    public void Check(JsonElement line)
    {
        var kind = line.GetProperty("event").GetString();
        // The verb's own result has no images; list counts them, and all of import's have.
        var several = kind == "result" && line.GetProperty("verb").GetString() == "backup" && line.TryGetProperty("images", out var images) && images.ValueKind == JsonValueKind.Array
            ? " of several sources"
            : "";
        Check(line, kind == "result" ? $"Result of {line.GetProperty("verb").GetString()}{several}" : $"Event {kind}");
    }

    private void Check(JsonElement item, string table)
    {
        Assert.True(tables.TryGetValue(table, out var fields), $"JSON.md has no table '{table}'");
        seen.Add(table);
        Assert.Equal(fields.Keys.Order(StringComparer.Ordinal), item.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
        foreach (var field in item.EnumerateObject())
        {
            CheckType(field.Value, fields[field.Name], $"{table}, {field.Name}");
        }
    }

    private void CheckType(JsonElement value, string type, string where)
    {
        const string OrNull = " or null";
        const string ArrayOf = "array of ";
        if (type.EndsWith(OrNull, StringComparison.Ordinal))
        {
            if (value.ValueKind == JsonValueKind.Null)
            {
                return;
            }

            type = type[..^OrNull.Length];
        }

        if (type.StartsWith(ArrayOf, StringComparison.Ordinal))
        {
            Assert.True(value.ValueKind == JsonValueKind.Array, $"{where} is {value.ValueKind}, not {type}");
            foreach (var item in value.EnumerateArray())
            {
                CheckType(item, type[ArrayOf.Length..], where);
            }

            return;
        }

        var right = type switch
        {
            "string" => value.ValueKind == JsonValueKind.String,
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            "number" => value.ValueKind == JsonValueKind.Number,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            _ => value.ValueKind == JsonValueKind.Object,
        };
        Assert.True(right, $"{where} is {value.GetRawText()}, not {type}");
        if (value.ValueKind == JsonValueKind.Object)
        {
            Check(value, $"Object {type}");
        }
    }

    [GeneratedRegex(@"^## (Event|Result of|Object) `(.+)`( of several sources)?$")]
    private static partial Regex Heading();

    [GeneratedRegex(@"^\| `(\w+)` \| ([^|]+?) \|")]
    private static partial Regex Row();
}
