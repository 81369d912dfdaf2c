using Tidemark.Engine.Operations.Diffs;

namespace Tidemark.Cli.Output;

/// <summary>What people read after the ranges of a comparison.</summary>
internal static class DiffText
{
    public static void Write(TextWriter text, DiffResult result)
    {
        var size = result.FromBytes == result.ToBytes
            ? ""
            : $" The volume had {PeopleText.Bytes(result.FromBytes)} and has {PeopleText.Bytes(result.ToBytes)}.";
        // A comment to whoever reads the ranges above as a table.
        text.WriteLine(
            $"# images {result.FromSequence} and {result.ToSequence} differ in {PeopleText.Count(result.ChangedRanges, "range")}, "
            + $"{PeopleText.Bytes(result.ChangedBytes)}.{size}");
    }
}
