using Tidemark.Engine.Operations.Exports;

namespace Tidemark.Cli.Output;

/// <summary>What people read after an export.</summary>
internal static class ExportText
{
    public static void Write(TextWriter text, ExportResult result)
    {
        var part = result.Partition is { } number ? $"Partition {number} of image" : "Image";
        var below = result.BaseSequence is { } sequence ? $", on a base of image {sequence}" : "";
        text.WriteLine(
            $"{part} {result.Sequence} of {result.Chain} is exported to {result.File} ({ExportFormats.Name(result.Format)}{below})");
        text.WriteLine(
            $"  a disk of {PeopleText.Bytes(result.DiskBytes)} in a file of {PeopleText.Bytes(result.FileBytes)}, {PeopleText.Bytes(result.WrittenBytes)} "
            + $"written, in {PeopleText.Duration(result.Seconds)} ({PeopleText.Rate(result.WrittenBytes, result.Seconds)}), "
            + $"{PeopleText.Duration(result.CpuSeconds)} of processor time");
        DamageText.Write(text, result.UnreadableBytes, result.Unreadable, result.Damaged);
        foreach (var note in result.Notes)
        {
            text.WriteLine($"  note     {note}");
        }
    }
}
