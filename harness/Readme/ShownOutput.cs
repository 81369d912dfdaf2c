using System.Text.RegularExpressions;

namespace Tidemark.Harness.Readme;

/// <summary>What a page shows that a command says: compared with what it says without what differs between two machines.</summary>
internal static partial class ShownOutput
{
    /// <summary>The words of each line, with signs in place of numbers, ids, and how a machine reads.</summary>
    public static string Shape(string output)
    {
        var lines = output.ReplaceLineEndings("\n").Trim('\n').Split('\n').Select(line =>
        {
            var shape = ChainId().Replace(Uuid().Replace(line, "ID"), "-ID");
            shape = Reader().Replace(Size().Replace(Duration().Replace(shape, "TIME"), "SIZE"), "READER");
            return Blanks().Replace(Number().Replace(shape, "N"), " ").Trim();
        });
        return string.Join('\n', lines);
    }

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", RegexOptions.ExplicitCapture)]
    private static partial Regex Uuid();

    [GeneratedRegex("-[0-9a-f]{8}\\b")]
    private static partial Regex ChainId();

    [GeneratedRegex(@"\b[0-9.]+ ([KMGT]i)?B\b", RegexOptions.ExplicitCapture)]
    private static partial Regex Size();

    // "3.2 s", "4:05"
    [GeneratedRegex(@"\b([0-9.]+ s|[0-9]+(:[0-9]{2})+)\b", RegexOptions.ExplicitCapture)]
    private static partial Regex Duration();

    [GeneratedRegex(@"\b(io_uring|pread)\b", RegexOptions.ExplicitCapture)]
    private static partial Regex Reader();

    [GeneratedRegex(@"[+-]?\b[0-9][0-9.,:-]*")]
    private static partial Regex Number();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
