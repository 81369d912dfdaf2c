using System.CommandLine;
using Tidemark.Cli.Verbs;

namespace Tidemark.Cli.Output;

/// <summary>What <c>--help</c> shows: for the program its verbs by what they are for, for a verb its arguments and options.</summary>
internal static class HelpText
{
    private const string Program = "tidemark";

    private const int Indent = 2;

    /// <summary>Lines that are longer than this are hard to read, however wide the terminal is.</summary>
    private const int MaxWidth = 110;

    /// <summary>Names that are longer have their text below them, so that it isn't squeezed into a column at the right.</summary>
    private const int MaxColumn = 36;

    /// <summary>Least columns of a text that stands beside something.</summary>
    private const int MinText = 30;

    public static void Write(TextWriter output, RootCommand root, Command command, int width)
    {
        width = Math.Min(width, MaxWidth);
        if (command is RootCommand)
        {
            WrappedText.Write(output, root.Description ?? "", 0, width);
            output.WriteLine();
            WrappedText.Write(output, $"Usage: {Program} VERB [ARGUMENTS] [OPTIONS]", 0, width);
            WriteVerbs(output, root, width);
            WriteOptions(output, "Options", [.. root.Options.Where(o => !o.Hidden)], width);
            return;
        }

        WrappedText.Write(output, $"{command.Description}.", 0, width);
        output.WriteLine();
        var usage = $"Usage: {Program} {command.Name} {string.Join(' ', command.Arguments.Select(Place).Concat(command.Options.Where(o => o.Required).Select(Label)))} [OPTIONS]";
        WrappedText.Write(output, usage.Replace("  ", " ", StringComparison.Ordinal), 0, width);
        WriteList(output, "Arguments", [.. command.Arguments.Select(a => (a.Name, a.Description ?? ""))], width);
        WriteOptions(output, "Options", [.. command.Options.Concat(root.Options.Where(o => o.Recursive)).Where(o => !o.Hidden)], width);
    }

    /// <summary>The verbs by what they are for, with a line on how to go on.</summary>
    public static void WriteOverview(TextWriter output, RootCommand root, int width)
    {
        width = Math.Min(width, MaxWidth);
        WrappedText.Write(output, $"Usage: {Program} VERB [ARGUMENTS] [OPTIONS]", 0, width);
        WrappedText.Write(output, $"Begin with: {Program} backup SOURCE --to STORE", 0, width);
        WriteVerbs(output, root, width);
        output.WriteLine();
        WrappedText.Write(output, $"'{Program} VERB --help' shows how a verb is used, '{Program} --help' what holds for all of them.", 0, width);
    }

    private static void WriteVerbs(TextWriter output, RootCommand root, int width)
    {
        var groups = VerbGroups.Of(root);
        var column = Column(groups.SelectMany(g => g.Verbs).Select(v => v.Name), width);
        foreach (var (title, verbs) in groups)
        {
            output.WriteLine();
            output.WriteLine($"{title}:");
            foreach (var verb in verbs)
            {
                WrappedText.WriteBeside(output, verb.Name, Indent, verb.Description ?? "", column, width);
            }
        }
    }

    private static void WriteOptions(TextWriter output, string title, IReadOnlyList<Option> options, int width) =>
        WriteList(output, title, [.. options.Select(o => (Label(o), o.Description + (o.Required ? " (required)" : "")))], width);

    private static void WriteList(TextWriter output, string title, IReadOnlyList<(string Label, string Text)> items, int width)
    {
        if (items.Count == 0)
        {
            return;
        }

        output.WriteLine();
        output.WriteLine($"{title}:");
        var column = Column(items.Select(i => i.Label), width);
        foreach (var (label, text) in items)
        {
            WrappedText.WriteBeside(output, label, Indent, text, column, width);
        }
    }

    // Wide enough for the longest label that isn't too long, as far as that leaves room for the text.
    private static int Column(IEnumerable<string> labels, int width)
    {
        var most = Math.Min(MaxColumn, width - MinText);
        var fitting = labels.Select(l => Indent + l.Length + Indent).Where(end => end <= most).DefaultIfEmpty(0).Max();
        return fitting > 0 ? fitting : 2 * Indent;
    }

    private static string Label(Option option)
    {
        var names = string.Join(", ", option.Aliases.Where(a => a.StartsWith('-')).Order(StringComparer.Ordinal).Append(option.Name).Distinct());
        return option.HelpName is { } value ? $"{names} {value}" : names;
    }

    private static string Place(Argument argument) =>
        argument.Arity.MaximumNumberOfValues > 1 ? $"{argument.Name}…"
        : argument.Arity.MinimumNumberOfValues == 0 ? $"[{argument.Name}]"
        : argument.Name;
}
