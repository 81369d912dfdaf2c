using Tidemark.Engine.Operations.Repairs;

namespace Tidemark.Cli.Output;

/// <summary>What people read after a repair.</summary>
internal static class RepairText
{
    public static void Write(TextWriter text, RepairResult result)
    {
        foreach (var image in result.Images)
        {
            var what = image.State switch
            {
                RepairState.Whole => "whole",
                RepairState.Repaired => $"REPAIRED  {Pieces(image)}",
                RepairState.Partly => $"PARTLY REPAIRED  {Pieces(image)}",
                _ => "DAMAGED  nothing could be repaired",
            };
            text.WriteLine($"image {image.Sequence}: {what}");
            if (image.Problem is { } problem)
            {
                text.WriteLine($"  {problem}");
            }

            if (image.Lost.Count > 0)
            {
                text.WriteLine($"  LOST  bytes {PeopleText.Ranges(image.Lost)} of the volume");
            }
        }

        foreach (var note in result.Notes)
        {
            text.WriteLine($"DAMAGED  {note}");
        }

        text.WriteLine($"{result.Chain}: restorable as far as headers and links tell: {PeopleText.Sequences(result.Restorable)}");
        if (result.Images.Any(i => i.State != RepairState.Whole))
        {
            text.WriteLine("The images' own files are as they were. Run 'tidemark verify' to see what can be restored now.");
        }
    }

    private static string Pieces(RepairedImage image) =>
        $"{PeopleText.Bytes(image.RepairedBytes)} in {image.File} replace damaged pieces"
        + (image.CorrectedFrames > 0 ? $"; a flipped bit was corrected in {PeopleText.Count(image.CorrectedFrames, "frame")}" : "");
}
