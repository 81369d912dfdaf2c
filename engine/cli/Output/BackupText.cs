using Tidemark.Cli.Json;
using Tidemark.Engine.Operations;

namespace Tidemark.Cli.Output;

/// <summary>What people read after a backup.</summary>
internal static class BackupText
{
    public static void Write(TextWriter text, BackupResult result)
    {
        text.WriteLine($"Image {result.Sequence} ({JsonShapes.Name(result.Kind)}) of {result.Source} is in {result.Chain}");
        text.WriteLine(
            $"  read     {PeopleText.Bytes(result.ReadBytes)} of {PeopleText.Bytes(result.SourceBytes)} in "
            + $"{PeopleText.Duration(result.Seconds)} ({PeopleText.Rate(result.ReadBytes, result.Seconds)}, {result.Reader}), "
            + $"{PeopleText.Duration(result.CpuSeconds)} of processor time");
        text.WriteLine(
            $"  changed  {PeopleText.Bytes(result.ChangedBytes)} in {PeopleText.Count(result.ChangedBlocks, "block")} of "
            + PeopleText.Bytes(result.BlockSize));
        text.WriteLine($"  stored   {PeopleText.Bytes(result.StoredBytes)}, {PeopleText.Bytes(result.IndexBytes)} of it index");
        foreach (var note in result.Notes)
        {
            text.WriteLine($"  note     {note}");
        }

        if (result.UnreadableBytes > 0)
        {
            text.WriteLine(
                $"  UNREADABLE  {PeopleText.Bytes(result.UnreadableBytes)} could not be read: bytes {PeopleText.Ranges(result.Unreadable)}. "
                + "They are marked in the image and tried again by the next backup.");
        }
    }
}
