using System.CommandLine;
using Tidemark.Cli.Output;
using Tidemark.Engine;
using Tidemark.Engine.Locations;

namespace Tidemark.Cli.Arguments;

/// <summary>The option that says what a file is which is taken for a disk.</summary>
internal static class FormatArgument
{
    public static readonly Option<SourceFormat?> Option = Choice.Option(
        "--format", "What a file is; auto tells it from the content [default: auto]",
        ("auto", SourceFormat.Auto), ("raw", SourceFormat.Raw), ("vhd", SourceFormat.Vhd), ("vhdx", SourceFormat.Vhdx),
        ("qcow2", SourceFormat.Qcow2));

    public static bool IsGiven(ParseResult parsed) => parsed.GetValue(Option) is not (null or SourceFormat.Auto);

    /// <summary>A source as it was written, and what it was said to be.</summary>
    public static SourceLocation Location(ParseResult parsed, string text) =>
        SourceLocation.Parse(text, parsed.GetValue(Option) ?? SourceFormat.Auto);

    /// <summary>Several sources; of those that are none, all are told at once.</summary>
    /// <param name="texts">As they were written.</param>
    /// <param name="nothing">What follows from one of several that is none, as a sentence.</param>
    /// <exception cref="TidemarkException">One of them is none.</exception>
    public static IReadOnlyList<SourceLocation> Locations(ParseResult parsed, IReadOnlyList<string> texts, string nothing)
    {
        List<SourceLocation> locations = [];
        List<string> problems = [];
        foreach (var text in texts)
        {
            try
            {
                locations.Add(Location(parsed, text));
            }
            catch (TidemarkException e) when (texts.Count > 1)
            {
                problems.Add(AdviceText.With(e));
            }
        }

        return problems.Count == 0
            ? locations
            : throw new TidemarkException(TidemarkError.WrongUse, $"{string.Join(' ', problems)} {nothing}");
    }
}
