using Spectre.Console;

namespace Tidemark.Cli.Output;

/// <summary>Draws tables on a terminal, where long cells wrap within their columns.</summary>
internal static class TerminalTable
{
    public static void Write(TextTable table)
    {
        var drawn = new Table { Border = TableBorder.Simple };
        for (var c = 0; c < table.Headings.Count; c++)
        {
            drawn.AddColumn(new TableColumn(new Text(table.Heading(c), new Style(decoration: Decoration.Bold)))
            {
                Alignment = table.IsRight(c) ? Justify.Right : Justify.Left,
                NoWrap = table.IsRight(c),
            });
        }

        foreach (var row in table.Rows)
        {
            drawn.AddRow(row.Select(cell => new Text(cell)));
        }

        AnsiConsole.Write(drawn);
    }
}
