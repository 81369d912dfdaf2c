using System.Text.RegularExpressions;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.Readme;

/// <summary>
/// README.md and the pages of engine/docs, read as their users read them: rows of "to | say", indented blocks, and words in
/// code spans.
/// </summary>
internal static partial class ReadmeText
{
    private const string TableHead = "| to | say |";
    private const string Indent = "    ";
    private const string Fence = "```";
    private const string Console = Fence + "console";
    private const string Prompt = "$ ";

    /// <summary>The pages and what is in them; README.md is the first, and a page's name is its path in the repository.</summary>
    public static IReadOnlyList<(string Name, string[] Lines)> Pages { get; } =
        [.. Directory.GetFiles(Repository.PathOf("engine/docs"), "*.md").Order(StringComparer.Ordinal)
            .Select(file => $"engine/docs/{Path.GetFileName(file)}").Prepend("README.md")
            .Select(name => (name, File.ReadAllLines(Repository.PathOf(name))))];

    /// <summary>The examples, in their order.</summary>
    public static IReadOnlyList<ReadmeExample> Examples { get; } = [.. Pages.SelectMany(page => Read(page.Lines))];

    /// <summary>Code spans in running text and in other tables.</summary>
    public static IReadOnlyList<ReadmeExample> Spans { get; } = [.. Pages.SelectMany(page => ReadSpans(page.Lines))];

    /// <summary>Reads the examples of a text.</summary>
    public static IEnumerable<ReadmeExample> Read(IReadOnlyList<string> lines)
    {
        var section = "";
        var inTable = false;
        for (var i = 0; i < lines.Count; i++)
        {
            section = Heading(lines[i]) ?? section;
            if (lines[i].StartsWith(Fence, StringComparison.Ordinal))
            {
                var fenced = lines.Skip(i + 1).TakeWhile(line => line != Fence).ToArray();
                foreach (var example in lines[i] == Console ? ReadConsole(fenced, i + 2, section) : [])
                {
                    yield return example;
                }

                i += fenced.Length + 1;
                continue;
            }

            inTable = lines[i] == TableHead || (inTable && lines[i].StartsWith('|'));
            if (inTable && Row().Match(lines[i]) is { Success: true } row)
            {
                yield return new ReadmeExample(i + 1, section, row.Groups["say"].Value);
            }
            else if (lines[i].StartsWith(Indent, StringComparison.Ordinal))
            {
                var block = lines.Skip(i).TakeWhile(line => line.StartsWith(Indent, StringComparison.Ordinal)).ToArray();
                yield return new ReadmeExample(i + 1, section, string.Join('\n', block.Select(line => line[Indent.Length..])));
                i += block.Length - 1;
            }
        }
    }

    private static IEnumerable<ReadmeExample> ReadConsole(string[] lines, int line, string section)
    {
        for (var i = 0; i < lines.Length;)
        {
            var answer = lines.Skip(i + 1).TakeWhile(next => !next.StartsWith(Prompt, StringComparison.Ordinal)).ToArray();
            yield return new ReadmeExample(line + i, section, lines[i][Prompt.Length..], string.Join('\n', answer));
            i += answer.Length + 1;
        }
    }

    private static IEnumerable<ReadmeExample> ReadSpans(string[] lines)
    {
        var section = "";
        var fenced = false;
        for (var i = 0; i < lines.Length; i++)
        {
            section = Heading(lines[i]) ?? section;
            fenced ^= lines[i].StartsWith(Fence, StringComparison.Ordinal);
            if (!fenced && !lines[i].StartsWith(Indent, StringComparison.Ordinal))
            {
                foreach (Match span in Span().Matches(lines[i]))
                {
                    yield return new ReadmeExample(i + 1, section, span.Groups["code"].Value);
                }
            }
        }
    }

    private static string? Heading(string line) => line.StartsWith('#') ? line.TrimStart('#', ' ') : null;

    [GeneratedRegex(@"^\| [^`]* \| `(?<say>[^`]+)` \|$")]
    private static partial Regex Row();

    [GeneratedRegex("`(?<code>[^`]+)`")]
    private static partial Regex Span();
}
