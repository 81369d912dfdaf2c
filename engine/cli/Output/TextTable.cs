namespace Tidemark.Cli.Output;

/// <summary>
/// A table of text: aligned columns two spaces apart, which people read and programs split; on a terminal drawn by
/// <see cref="TerminalTable"/>.
/// </summary>
internal sealed class TextTable(params string[] headings)
{
    private readonly List<string[]> rows = [];

    /// <summary>The columns that have something to tell.</summary>
    public IReadOnlyList<int> Columns =>
        [.. Enumerable.Range(0, headings.Length).Where(c => rows.Count == 0 || rows.Any(r => r[c].Length > 0))];

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
            TerminalTable.Write(this, output);
            return;
        }

        var columns = Columns;
        var widths = columns.Select(Width).ToArray();
        WriteRow(Heading);
        foreach (var row in rows)
        {
            WriteRow(c => row[c]);
        }

        void WriteRow(Func<int, string> cell)
        {
            var padded = columns.Select((c, i) => IsRight(c) ? cell(c).PadLeft(widths[i]) : cell(c).PadRight(widths[i]));
            output.WriteLine((indent + string.Join("  ", padded)).TrimEnd());
        }
    }

    /// <summary>Characters of the widest cell of a column, its heading among them.</summary>
    public int Width(int column) => rows.Aggregate(Heading(column).Length, (width, row) => Math.Max(width, row[column].Length));
}
