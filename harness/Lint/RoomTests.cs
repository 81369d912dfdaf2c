using System.Text.RegularExpressions;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Lint;

/// <summary>The engine's rooms: each has its line in ARCHITECTURE.md, references are those of the table, and none runs in a circle.</summary>
[DiffersBySystem]
public partial class RoomTests
{
    [Fact]
    public void Every_room_has_its_line_and_every_line_its_room()
    {
        Assert.Contains("Devices", RoomTable.Actual.Keys);
        Assert.Contains("Operations/Backups", RoomTable.Actual.Keys);
        Assert.Equal(RoomTable.Actual.Keys, RoomTable.Written.Keys);
    }

    [Fact]
    public void Rooms_refer_to_what_the_table_says()
    {
        var wrong = RoomTable.Actual.Select(room => (room.Key, Is: string.Join(", ", room.Value.Select(Last)),
                Says: string.Join(", ", RoomTable.Written.GetValueOrDefault(room.Key, []).Select(Last))))
            .Where(room => room.Is != room.Says).Select(room => $"{room.Key} refers to {room.Is}; the table says {room.Says}");
        Assert.Empty(wrong);
    }

    [Fact]
    public void No_reference_runs_in_a_circle() => Assert.Null(RoomTable.Circle());

    [Fact]
    public void The_diagram_is_drawn_from_the_table() =>
        Assert.True(RoomTable.HasDiagram(RoomTable.Diagram()), "ARCHITECTURE.md should have this diagram:\n" + RoomTable.Diagram());

    [Fact]
    public void What_the_page_names_is_where_it_says()
    {
        var page = SourceFile.All.Single(file => file.Path == "engine/ARCHITECTURE.md").Text;
        string[] roots = ["engine/lib/", "harness/", "interop/", "engine/cli/"];
        var wrong = Place().Matches(page).Select(match => match.Groups[1].Value).Where(place => !roots.Any(root =>
            SourceFile.Code.Any(file => file.Path.StartsWith($"{root}{place}.", StringComparison.Ordinal) || file.IsIn(root + place))));
        Assert.NotEmpty(Place().Matches(page));
        Assert.Empty(wrong);
    }

    [Fact]
    public void A_file_names_another_room_in_full()
    {
        // RoomTable would not see "Volumes.Partition" in a file of another room.
        var files = SourceFile.Code.Where(file => file.IsIn("engine/lib")).ToArray();
        var partial = string.Join('|', RoomTable.Actual.Keys.Where(room => !room.Contains('/', StringComparison.Ordinal)).Select(room =>
        {
            var types = files.Where(file => file.IsIn("engine/lib/" + room)).Select(file => Path.GetFileName(file.Path).Split('.')[0]).Distinct();
            return $"{room}\\.(?:{string.Join('|', types)})";
        }));
        var name = new Regex($@"(?<![\w.])(?:{partial})\b", RegexOptions.None, TimeSpan.FromSeconds(60));
        Assert.Empty(files.SelectMany(file => file.Lines(line => !line.TrimStart().StartsWith("//", StringComparison.Ordinal) && name.IsMatch(line))));
    }

    private static string Last(string room) => room.Split('/')[^1];

    /// <summary>A type by its room in code marks, with a member or without: <c>Devices/Nbd/NbdDevice</c>.</summary>
    [GeneratedRegex("`([A-Z]\\w+(?:/[A-Z]\\w+)+)(?:\\.\\w+)?`")]
    private static partial Regex Place();
}
