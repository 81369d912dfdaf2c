using Tidemark.Engine.Operations.Imports;

namespace Tidemark.Cli.Output;

/// <summary>What people read after an import; each image was told of as it was made.</summary>
internal static class ImportText
{
    public static void Write(TextWriter text, ImportResult result)
    {
        var points = result.Images.Count == 1 ? "1 point in time" : $"{result.Images.Count} points in time";
        text.WriteLine($"{points} imported into {result.Chain} in {PeopleText.Duration(result.Seconds)}");
        foreach (var note in result.Notes)
        {
            text.WriteLine($"  Note: {note}");
        }
    }
}
