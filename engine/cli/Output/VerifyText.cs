using Tidemark.Engine.Operations;

namespace Tidemark.Cli.Output;

/// <summary>What people read after a verification.</summary>
internal static class VerifyText
{
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
