using Tidemark.Engine;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Volumes;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>A disk's table on its way to targets of other sizes and sectors: every edit lies within the target.</summary>
internal static class FitTarget
{
    private static readonly RestoreRequest Request = new()
    {
        Image = ImageAddress.Parse("image"),
        Target = TargetLocation.Parse("target"),
        Fit = true,
    };

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var disk = input.ToArray();
        GptTarget.Seal(disk);
        var view = Volumes.At(0, disk);
        foreach (var sector in (int[])[512, GptTable.LargestSector])
        {
            foreach (var length in (long[])[sector, view.Length / 2, view.Length - sector, view.Length, view.Length + 4096, view.Length * 8])
            {
                if (length >= sector)
                {
                    Fit(view, length / sector * sector, sector);
                }
            }
        }
    }

    private static void Fit(VolumeView view, long length, int sector)
    {
        TargetFit fit;
        try
        {
            fit = TargetFit.Of(view, true, length, sector, Request);
        }
        catch (TidemarkException e)
        {
            FindException.Unless(e.Message.Length > 0, "An exception says nothing.");
            return;
        }

        FindException.Unless(fit.CopyBytes >= 0 && fit.CopyBytes <= Math.Min(length, view.Length), $"{fit.CopyBytes} of {view.Length} bytes go onto {length}.");
        foreach (var edit in fit.Edits)
        {
            FindException.Unless(
                edit.Offset >= 0 && edit.Offset <= length - edit.Bytes.Length, $"{edit.Bytes.Length} bytes at {edit.Offset} are changed of {length}.");
        }
    }
}
