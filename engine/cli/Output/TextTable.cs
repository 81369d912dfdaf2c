namespace Tidemark.Cli.Output;

/// <summary>
/// A table of text: aligned columns two spaces apart, which people read and programs split; on a terminal drawn by
/// <see cref="TerminalTable"/>.
/// </summary>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> rows = [];

    public IReadOnlyList<string> Headings => headings;

    public IReadOnlyList<string[]> Rows => rows;

    /// <summary>Whether a column holds numbers, which stand at the right.</summary>
    public bool IsRight(int column) => headings[column].EndsWith(RightMark);

    public string Heading(int column) => headings[column].TrimEnd(RightMark);

    /// <summary>At the end of a heading it asks for alignment to the right.</summary>
    public const char RightMark = '>';

    public void Add(params string[] cells)
    {
        System.Diagnostics.Debug.Assert(cells.Length == headings.Length);
        rows.Add(cells);
    }

    public void Write(TextWriter output, string indent = "")
    {
        if (Terminal.CanShowTables)
        {
            // The writer's text comes first; both end in the same terminal.
            output.Flush();
            TerminalTable.Write(this);
            return;
        }

        var widths = Enumerable.Range(0, headings.Length)
            .Select(c => Math.Max(Heading(c).Length, rows.Count == 0 ? 0 : rows.Max(r => r[c].Length))).ToArray();
        WriteRow(output, indent, widths, [.. Enumerable.Range(0, headings.Length).Select(Heading)]);
        foreach (var row in rows)
        {
            WriteRow(output, indent, widths, row);
        }
    }

    private void WriteRow(TextWriter output, string indent, int[] widths, string[] cells)
    {
        var padded = cells.Select((cell, c) => IsRight(c) ? cell.PadLeft(widths[c]) : cell.PadRight(widths[c]));
        output.WriteLine((indent + string.Join("  ", padded)).TrimEnd());
    }
}
