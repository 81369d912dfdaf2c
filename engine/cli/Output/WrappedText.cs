namespace Tidemark.Cli.Output;

/// <summary>Text in lines that fit a width; no word is ever broken.</summary>
internal static class WrappedText
{
    /// <summary>Writes paragraphs, each line indented.</summary>
    public static void Write(TextWriter output, string text, int indent, int width)
    {
        foreach (var paragraph in text.Split('\n'))
        {
            foreach (var line in Lines(paragraph, width - indent))
            {
                output.WriteLine($"{new string(' ', indent)}{line}".TrimEnd());
            }
        }
    }

    /// <summary>
    /// Writes a label with a text beside it, in a column of its own; a label that reaches into that column has its text below.
    /// </summary>
    /// <param name="column">Where the text begins, from the left edge.</param>
    public static void WriteBeside(TextWriter output, string label, int indent, string text, int column, int width)
    {
        var lines = Lines(text, width - column).ToList();
        var head = new string(' ', indent) + label;
        if (head.Length + 1 < column && lines.Count > 0)
        {
            head = head.PadRight(column) + lines[0];
            lines.RemoveAt(0);
        }

        output.WriteLine(head.TrimEnd());
        foreach (var line in lines)
        {
            output.WriteLine(new string(' ', column) + line);
        }
    }

    /// <summary>The lines of one paragraph; one that is empty is one empty line.</summary>
    public static IEnumerable<string> Lines(string paragraph, int width)
    {
        var line = "";
        foreach (var word in paragraph.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > width)
            {
                yield return line;
                line = word;
            }
            else
            {
                line = line.Length == 0 ? word : $"{line} {word}";
            }
        }

        yield return line;
    }
}
