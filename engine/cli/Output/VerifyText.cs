using Tidemark.Engine.Operations.Verification;

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
            if (chain.Key is ChainKeyState.Missing or ChainKeyState.Wrong)
            {
                text.WriteLine($"  checksums verified, content not proven: {(chain.Key == ChainKeyState.Wrong ? "the key doesn't open it" : "no key was given")}");
            }

            var broken = chain.Points.Where(p => p.LostBytes != 0).GroupBy(p => new Loss(p)).ToList();
            if (chain.Restorable.Count > 0 || broken.Count == 0)
            {
                text.WriteLine($"  restorable  {PeopleText.Sequences(chain.Restorable)}");
            }

            foreach (var points in broken)
            {
                var numbers = points.Select(p => p.Sequence).ToList();
                text.WriteLine($"  {points.Key.Words}: {(numbers.Count == 1 ? "image" : "images")} {PeopleText.Sequences(numbers)}; {points.Key.Hope}");
                if (points.Key.Ranges is { Length: > 0 } ranges)
                {
                    text.WriteLine($"    lost: bytes {ranges}");
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
                ? $"{against} is the same as the image."
                : $"DIFFERENT  {against} differs from the image in {PeopleText.Count(result.DifferentRanges, "range")}, "
                    + $"{PeopleText.Bytes(result.DifferentBytes)}: bytes {PeopleText.Ranges(differences)}");
        }

        text.WriteLine(
            $"{(result.Findings.Count == 0 ? NoDamage(result) : PeopleText.Count(result.Findings.Count, "finding"))}; checked "
            + $"{PeopleText.Bytes(result.CheckedBytes)} in {PeopleText.Duration(result.Seconds)} "
            + $"({PeopleText.Rate(result.CheckedBytes, result.Seconds)}), {PeopleText.Duration(result.CpuSeconds)} of processor time");
    }

    private static string NoDamage(VerifyResult result) =>
        result.Chains.Any(chain => chain.Key is ChainKeyState.Missing or ChainKeyState.Wrong)
            ? "No damage found, but not all is proven without the key"
            : "No damage";

    /// <summary>What points in time have lost: those that lost the same are told together.</summary>
    private readonly record struct Loss(string Words, string Hope, string Ranges)
    {
        public Loss(VerifiedPoint point)
            : this(Said(point), Advice(point), PeopleText.Ranges(point.Lost))
        {
        }

        private static string Said(VerifiedPoint point) => point switch
        {
            { SourceBytes: null } => "NOT RESTORABLE",
            { LostBytes: null } => "UNKNOWN",
            { LostBytes: { } lost, NeedsSalvage: true } => $"restorable with --salvage, except {PeopleText.Bytes(lost)}",
            { LostBytes: { } lost } => $"restorable except {PeopleText.Bytes(lost)}",
        };

        private static string Advice(VerifiedPoint point) => point switch
        {
            { SourceBytes: null } => "the image can't be opened; 'tidemark repair' may bring it back",
            { LostBytes: null } => "only the key tells how much is lost",
            { NeedsSalvage: true } => "'tidemark repair' may bring it back, or a missing image from a copy of the chain",
            _ => "'tidemark heal' may bring it back",
        };
    }
}
