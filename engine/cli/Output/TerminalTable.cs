using Spectre.Console;

namespace Tidemark.Cli.Output;

/// <summary>Draws tables on a terminal, where long cells wrap within their columns.</summary>
internal static class TerminalTable
{
    // Dates, kinds and sizes stay in one piece; names, messages and identities give way.
    private const int WidestWhole = 24;

    public static void Write(TextTable table, TextWriter output)
    {
        var drawn = new Table { Border = TableBorder.Simple };
        var columns = table.Columns;
        foreach (var c in columns)
        {
            drawn.AddColumn(new TableColumn(new Text(table.Heading(c), new Style(decoration: Decoration.Bold)))
            {
                Alignment = table.IsRight(c) ? Justify.Right : Justify.Left,
                NoWrap = table.IsRight(c) || table.Width(c) <= WidestWhole,
                Padding = new Padding(0, 0, 1, 0),
            });
        }

        foreach (var row in table.Rows)
        {
            drawn.AddRow(columns.Select(c => new Text(row[c])));
        }

        Terminal.Create(output, isError: false).Write(drawn);
    }
}
