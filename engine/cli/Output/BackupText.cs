using Tidemark.Cli.Json;
using Tidemark.Engine.Format;
using Tidemark.Engine.Operations.Backups;

namespace Tidemark.Cli.Output;

/// <summary>What people read after a backup.</summary>
internal static class BackupText
{
    public static void Write(TextWriter text, BackupResult result)
    {
        text.WriteLine($"Image {result.Sequence} ({JsonShapes.Name(result.Kind)}) of {result.Source} {Where(result)}");
        text.WriteLine(
            $"  read     {PeopleText.Bytes(result.ReadBytes)} of {PeopleText.Bytes(result.SourceBytes)} in "
            + $"{PeopleText.Duration(result.Seconds)} ({PeopleText.Rate(result.ReadBytes, result.Seconds)}, {result.Reader}), "
            + $"{PeopleText.Duration(result.CpuSeconds)} of processor time");
        text.WriteLine(result.Kind == ImageKind.Full
            ? $"  holds    {PeopleText.Bytes(result.DataBytes)} of data of the source's {PeopleText.Bytes(result.SourceBytes)}"
            : $"  changed  {Changed(result)}");
        text.WriteLine(
            $"  {(result.IsDryRun ? "to store" : "stored  ")} {PeopleText.Bytes(result.StoredBytes)}, of which the index takes "
            + $"{PeopleText.Bytes(result.IndexBytes)}");
        foreach (var volume in result.Volumes)
        {
            text.WriteLine($"  volume   {VolumeText.Of(volume)}");
        }

        foreach (var note in result.Notes)
        {
            text.WriteLine($"  note     {note}");
        }

        if (result.UnreadableBytes > 0)
        {
            text.WriteLine(
                $"  UNREADABLE  {PeopleText.Bytes(result.UnreadableBytes)} could not be read: bytes {PeopleText.Ranges(result.Unreadable)}. "
                + "The image marks them, and the next backup tries them again.");
        }
    }

    // Blocks that became zeros changed, and hold no data.
    private static string Changed(BackupResult result)
    {
        if (result.ChangedBlocks == 0)
        {
            return "nothing";
        }

        var changed = $"{PeopleText.Bytes(result.ChangedBytes)} in {PeopleText.Count(result.ChangedBlocks, "block")} of {PeopleText.Bytes(result.BlockSize)}";
        return result.DataBytes == result.ChangedBytes ? changed : $"{changed}; {PeopleText.Bytes(result.DataBytes)} of them are data";
    }

    private static string Where(BackupResult result) => (result.IsDryRun, result.IsNewChain) switch
    {
        (false, false) => $"is in {result.Chain}",
        (false, true) => $"begins a new chain, {result.Chain}",
        (true, false) => $"would go into {result.Chain}; nothing was written",
        (true, true) => $"would begin a new chain, {result.Chain}; nothing was written",
    };
}
