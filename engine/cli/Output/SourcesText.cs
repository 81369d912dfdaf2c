using Tidemark.Engine.Volumes;

namespace Tidemark.Cli.Output;

/// <summary>What can be imaged, for people.</summary>
internal static class SourcesText
{
    public static void Write(TextWriter text, IReadOnlyList<SourceEntry> sources)
    {
        if (sources.Count == 0)
        {
            text.WriteLine("No block devices are visible here. Files, VHDs and VHDXs can always be imaged.");
            return;
        }

        var table = new TextTable("path", "type", "size>", "what it is", "label", "identity", "in use");
        foreach (var source in sources)
        {
            table.Add(
                source.ParentPath is null ? source.Path : $"  {source.Path}",
                source.Type,
                PeopleText.Bytes(source.Size),
                source.Summary ?? source.Model ?? (source.Problem is null ? "" : "can't be read"),
                source.Label ?? "",
                source.Identity.ToShortString(),
                Use(source));
        }

        table.Write(text);
        foreach (var source in sources.Where(source => source.Problem is not null))
        {
            text.WriteLine($"note: {source.Problem}");
        }
    }

    private static string Use(SourceEntry source)
    {
        var uses = new List<string>(source.MountPoints);
        if (source.IsSwap)
        {
            uses.Add("swap");
        }

        if (source.BackingFile is { } file)
        {
            uses.Add($"file {file}");
        }

        return string.Join(", ", uses);
    }
}
