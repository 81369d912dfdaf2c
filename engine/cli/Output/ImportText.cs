using Tidemark.Engine.Operations.Imports;

namespace Tidemark.Cli.Output;

/// <summary>What people read after an import; each image was told of as it was made.</summary>
internal static class ImportText
{
    public static void Write(TextWriter text, ImportResult result)
    {
        var images = result.Images.Count == 1 ? "1 image" : $"{result.Images.Count} images";
        text.WriteLine($"{images} made in {result.Chain} in {PeopleText.Duration(result.Seconds)}");
        foreach (var note in result.Notes)
        {
            text.WriteLine($"  note     {note}");
        }
    }
}
