using Tidemark.Engine.Operations;

namespace Tidemark.Cli.Output;

/// <summary>What people read after a verification.</summary>
internal static class VerifyText
{
    /// <summary>What of a broken point is lost, so that people see what salvaging it brings.</summary>
    private static string Loss(VerifiedPoint point) => point switch
    {
        { SourceBytes: null } => "can't be opened, so nothing of it can be restored unless 'tidemark repair' brings it back",
        { LostBytes: null } => "how much is lost can't be told without the key",
        { LostBytes: { } lost, SourceBytes: { } all } =>
            $"{PeopleText.Bytes(all - lost)} of {PeopleText.Bytes(all)} can be restored with --salvage; lost are bytes {PeopleText.Ranges(point.Lost)}",
    };

    public static void Write(TextWriter text, VerifyResult result, string? against)
    {
        foreach (var finding in result.Findings)
        {
            var where = finding.Sequence == 0 ? finding.Chain : $"image {finding.Sequence} of {finding.Chain}";
            var file = finding.File.Length == 0 ? "" : $" ({finding.File})";
            text.WriteLine($"DAMAGED  {where}{file}: {finding.Message}");
            if (finding.Ranges.Count > 0)
            {
                text.WriteLine($"         bytes {PeopleText.Ranges(finding.Ranges)} of the volume");
            }
        }

        foreach (var chain in result.Chains)
        {
            text.WriteLine($"{chain.Chain}: {PeopleText.Count(chain.Images, "image")}");
            text.WriteLine($"  restorable  {PeopleText.Sequences(chain.Restorable)}");
            if (chain.Broken.Count > 0)
            {
                text.WriteLine($"  BROKEN      {PeopleText.Sequences(chain.Broken)}");
                foreach (var point in chain.Points.Where(p => p.LostBytes != 0))
                {
                    text.WriteLine($"    {point.Sequence}  {Loss(point)}");
                }
            }
        }

        foreach (var note in result.Notes)
        {
            text.WriteLine($"note: {note}");
        }

        if (result.Differences is { } differences)
        {
            text.WriteLine(result.DifferentRanges == 0
                ? $"{against} is as in the image."
                : $"DIFFERENT  {against} differs from the image in {PeopleText.Count(result.DifferentRanges, "range")}, "
                    + $"{PeopleText.Bytes(result.DifferentBytes)}: bytes {PeopleText.Ranges(differences)}");
        }

        text.WriteLine(
            $"{(result.Findings.Count == 0 ? "No damage" : PeopleText.Count(result.Findings.Count, "finding"))}; checked "
            + $"{PeopleText.Bytes(result.CheckedBytes)} in {PeopleText.Duration(result.Seconds)} "
            + $"({PeopleText.Rate(result.CheckedBytes, result.Seconds)}), {PeopleText.Duration(result.CpuSeconds)} of processor time");
    }
}
