using System.Text.RegularExpressions;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.Lint;

/// <summary>The rooms of the engine as ARCHITECTURE.md has them, and as the code is.</summary>
internal sealed partial class RoomTable
{
    private const string Library = "engine/lib/";

    private const string Capabilities = "Operations";

    private const string Base = "Tidemark.Engine";

    private static readonly SourceFile Page = SourceFile.All.Single(file => file.Path == "engine/ARCHITECTURE.md");

    /// <summary>Which rooms each room of the table refers to; a capability's room begins with "Operations/" and names its kind alone.</summary>
    public static SortedDictionary<string, SortedSet<string>> Written { get; } = ReadTable();

    /// <summary>The same, by what the code says.</summary>
    public static SortedDictionary<string, SortedSet<string>> Actual { get; } = ReadCode();

    /// <summary>
    /// The engine's rooms as a diagram: an arrow stands for a reference, and one that others imply is left out.
    /// </summary>
    public static string Diagram()
    {
        var rooms = Written.Where(pair => !pair.Key.Contains('/', StringComparison.Ordinal)).ToDictionary();
        var lines = new List<string> { "```mermaid", "flowchart TD" };
        foreach (var (room, references) in rooms.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var direct = references.Where(its => !references.Any(other => other != its && Reaches(rooms, other, its)));
            lines.AddRange(direct.Select(its => $"    {room} --> {its}"));
        }

        return string.Join('\n', [.. lines, "```"]);
    }

    /// <summary>A way from a room back to itself; null where there is none.</summary>
    public static string? Circle()
    {
        var rooms = Actual.ToDictionary();
        return rooms.Keys.FirstOrDefault(room => rooms[room].Any(its => Reaches(rooms, its, room))) is { } found
            ? $"{found} -> {rooms[found].First(its => Reaches(rooms, its, found))} -> … -> {found}"
            : null;
    }

    public static bool HasDiagram(string diagram) => Page.Text.ReplaceLineEndings("\n").Contains(diagram, StringComparison.Ordinal);

    private static bool Reaches(Dictionary<string, SortedSet<string>> rooms, string from, string to)
    {
        var seen = new HashSet<string> { from };
        var open = new Stack<string>([from]);
        while (open.TryPop(out var room))
        {
            if (room == to)
            {
                return true;
            }

            foreach (var its in rooms[room].Where(seen.Add))
            {
                open.Push(its);
            }
        }

        return false;
    }

    private static SortedDictionary<string, SortedSet<string>> ReadTable()
    {
        var rooms = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var line in Page.Text.Split('\n').Where(line => Row().IsMatch(line)))
        {
            var cells = line.Split('|');
            var references = cells[^2].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var room = Row().Match(line).Groups[1].Value;
            rooms.Add(room, new SortedSet<string>(
                references.Select(its => room.StartsWith(Capabilities + "/", StringComparison.Ordinal) ? $"{Capabilities}/{its}" : its), StringComparer.Ordinal));
        }

        return rooms;
    }

    private static SortedDictionary<string, SortedSet<string>> ReadCode()
    {
        var rooms = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var file in SourceFile.Code.Where(file => file.Path.StartsWith(Library, StringComparison.Ordinal)))
        {
            var folders = file.Path[Library.Length..].Split('/')[..^1];
            if (folders.Length == 0)
            {
                continue;
            }

            var code = Comment().Replace(file.Text, "");
            var named = Name().Matches(code).Select(match => match.Groups[1].Value.Split('.')).ToArray();
            Add(rooms, folders[0], named.Select(name => name[0]));
            if (folders[0] == Capabilities && folders.Length > 1)
            {
                Add(rooms, $"{Capabilities}/{folders[1]}", named.Where(name => name[0] == Capabilities && name.Length > 1).Select(name => $"{Capabilities}/{name[1]}"));
            }
        }

        return rooms;
    }

    private static void Add(SortedDictionary<string, SortedSet<string>> rooms, string room, IEnumerable<string> references)
    {
        if (!rooms.TryGetValue(room, out var its))
        {
            rooms.Add(room, its = new SortedSet<string>(StringComparer.Ordinal));
        }

        its.UnionWith(references.Where(name => name != room));
    }

    /// <summary>A row of the tables: the room's name in code marks.</summary>
    [GeneratedRegex(@"^\| `engine/lib/([\w/]+)` \|")]
    private static partial Regex Row();

    /// <summary>
    /// A namespace of the engine, by a using or by its full name. The analyzers take away a using that isn't needed, and the
    /// code has no other way to another room, since a name that begins in the middle is refused
    /// (<see cref="RoomTests"/>).
    /// </summary>
    [GeneratedRegex(Base + @"\.((?:\w+\.)*\w+)")]
    private static partial Regex Name();

    [GeneratedRegex(@"//[^/].*|^namespace .*", RegexOptions.Multiline)]
    private static partial Regex Comment();
}
