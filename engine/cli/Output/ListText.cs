using System.Globalization;
using Tidemark.Cli.Json;
using Tidemark.Engine.Operations.Catalogs;

namespace Tidemark.Cli.Output;

/// <summary>Chains and their images for people.</summary>
internal static class ListText
{
    public static void WriteChain(TextWriter text, ChainSummary chain)
    {
        text.WriteLine(chain.Name.Length > 0 ? $"{chain.Folder} (chain {chain.Name})" : chain.Folder);
        if (chain.Problem is { } problem)
        {
            text.WriteLine($"  UNREADABLE  {problem}");
            text.WriteLine();
            return;
        }

        text.WriteLine($"  source  {chain.KnownBy}");
        text.WriteLine($"  stored  {PeopleText.Bytes(chain.StoredBytes)}{(chain.Encrypted ? ", encrypted" : "")}");
        var table = new TextTable("image>", "kind", "time", "size>", "data>", "stored>", "remarks");
        foreach (var image in chain.Images)
        {
            table.Add(
                image.Sequence.ToString(CultureInfo.InvariantCulture),
                JsonShapes.Name(image.Kind),
                PeopleText.Time(image.Created),
                PeopleText.Bytes(image.SourceBytes),
                PeopleText.Bytes(image.DataBytes),
                PeopleText.Bytes(image.StoredBytes),
                Remarks(chain, image));
        }

        table.Write(text, "  ");
        foreach (var broken in chain.Broken)
        {
            text.WriteLine($"  BROKEN  image {broken.Sequence}: {broken.Problem}");
        }

        foreach (var sequence in chain.Uncommitted)
        {
            text.WriteLine($"  image {sequence} isn't there yet: a run is writing it, or died before it was committed.");
        }

        text.WriteLine();
    }

    public static void WriteSum(TextWriter text, IReadOnlyList<ChainSummary> chains)
    {
        if (chains.Count == 0)
        {
            text.WriteLine("No chains. 'tidemark backup SOURCE --to STORE' begins one.");
            return;
        }

        text.WriteLine(
            $"{PeopleText.Count(chains.Count, "chain")}, {PeopleText.Count(chains.Sum(c => c.Images.Count), "image")}, "
            + $"{PeopleText.Bytes(chains.Sum(c => c.StoredBytes))} stored");
    }

    private static string Remarks(ChainSummary chain, ImageSummary image)
    {
        var remarks = new List<string>();
        if (!chain.Restorable.Contains(image.Sequence))
        {
            remarks.Add("NOT RESTORABLE");
        }

        if (image.UnreadableBytes > 0)
        {
            remarks.Add($"{PeopleText.Bytes(image.UnreadableBytes)} unreadable");
        }

        if (image.Parts > 1)
        {
            remarks.Add($"{image.Parts} parts");
        }

        return string.Join(", ", remarks);
    }
}
