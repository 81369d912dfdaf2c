namespace Tidemark.Cli.Output;

/// <summary>
/// A table of text: aligned columns two spaces apart, which people read and programs split. On a terminal it is as wide as
/// that, and no word of it is broken.
/// </summary>
internal sealed class TextTable(params string[] headings)
{
    private const string Gap = "  ";

    /// <summary>Characters of a column that isn't worth a second line.</summary>
    private const int WidestWhole = 16;

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

    public void Write(TextWriter output, string indent = "") =>
        Write(output, indent, Terminal.CanShowTables ? Terminal.Width : int.MaxValue);

    /// <summary>The same for a width. What doesn't fit wraps between words; where even that isn't enough, each row is a list.</summary>
    internal void Write(TextWriter output, string indent, int width)
    {
        var columns = Columns;
        var widths = columns.Select(Width).ToArray();
        if (!Shrink(columns, widths, width - indent.Length))
        {
            WriteLists(output, indent, columns);
            return;
        }

        WriteRow(Heading);
        foreach (var row in rows)
        {
            WriteRow(c => row[c]);
        }

        void WriteRow(Func<int, string> cell)
        {
            var cells = columns.Select((c, i) => widths[i] == Width(c) ? [cell(c)] : Wrapped(cell(c), widths[i])).ToArray();
            for (var line = 0; line < cells.Max(c => c.Length); line++)
            {
                var padded = columns.Select((c, i) =>
                {
                    var text = line < cells[i].Length ? cells[i][line] : "";
                    return IsRight(c) ? text.PadLeft(widths[i]) : text.PadRight(widths[i]);
                });
                output.WriteLine((indent + string.Join(Gap, padded)).TrimEnd());
            }
        }
    }

    /// <summary>Characters of the widest cell of a column, its heading among them.</summary>
    public int Width(int column) => rows.Aggregate(Heading(column).Length, (width, row) => Math.Max(width, row[column].Length));

    /// <summary>Takes from the widest column of text as long as the table is too wide; false where words would break.</summary>
    private bool Shrink(IReadOnlyList<int> columns, int[] widths, int width)
    {
        var least = columns.Select(c => IsRight(c) || IsWhole(c) ? Width(c) : LongestWord(c)).ToArray();
        var over = widths.Sum() + (Gap.Length * (widths.Length - 1)) - width;
        if (over > widths.Sum() - least.Sum())
        {
            return false;
        }

        for (; over > 0; over--)
        {
            var widest = Enumerable.Range(0, widths.Length).Where(i => widths[i] > least[i]).MaxBy(i => widths[i]);
            widths[widest]--;
        }

        return true;
    }

    // Dates, kinds and sizes stay on one line.
    private bool IsWhole(int column) => Width(column) <= WidestWhole;

    private int LongestWord(int column) =>
        rows.Select(r => r[column]).Append(Heading(column)).Max(text => Lead(text).Length + text.Split(' ').Max(word => word.Length));

    // What stands before a text belongs to it: partitions are shown below their disk.
    private static string[] Wrapped(string text, int width)
    {
        var lead = Lead(text);
        return [.. WrappedText.Lines(text, Math.Max(1, width - lead.Length)).Select(line => lead + line)];
    }

    private static string Lead(string text) => text[..(text.Length - text.TrimStart().Length)];

    private void WriteLists(TextWriter output, string indent, IReadOnlyList<int> columns)
    {
        var label = columns.Skip(1).Select(c => Heading(c).Length).DefaultIfEmpty(0).Max();
        foreach (var row in rows)
        {
            output.WriteLine(indent + row[columns[0]]);
            foreach (var column in columns.Skip(1).Where(c => row[c].Length > 0))
            {
                output.WriteLine($"{indent}    {Heading(column).PadRight(label)}  {row[column]}");
            }
        }
    }
}
