using Tidemark.Engine.Operations.Verification;

namespace Tidemark.Cli.Json;

/// <summary>The result of <c>verify</c>.</summary>
internal sealed class VerifyEvent(VerifyResult result, int exitCode) : ResultEvent("verify", exitCode)
{
    public VerifiedChainObject[] Chains => [.. result.Chains.Select(c => new VerifiedChainObject(c))];

    public FindingObject[] Findings => [.. result.Findings.Select(f => new FindingObject(f))];

    public long CheckedBytes => result.CheckedBytes;

    public RangeObject[]? Differences => result.Differences is { } ranges ? JsonShapes.Ranges(ranges) : null;

    public long DifferentRanges => result.DifferentRanges;

    public long DifferentBytes => result.DifferentBytes;

    public double Seconds => JsonShapes.Seconds(result.Seconds);

    public double CpuSeconds => JsonShapes.Seconds(result.CpuSeconds);

    public IReadOnlyList<string> Notes => result.Notes;
}

/// <summary>What is whole in one chain.</summary>
internal sealed class VerifiedChainObject(VerifiedChain chain)
{
    public string Chain => chain.Chain;

    public int Images => chain.Images;

    public string Key => chain.Key switch
    {
        ChainKeyState.Opened => "opened",
        ChainKeyState.Missing => "missing",
        ChainKeyState.Wrong => "wrong",
        _ => "notNeeded",
    };

    public IReadOnlyList<long> Restorable => chain.Restorable;

    public IReadOnlyList<long> Broken => chain.Broken;

    public VerifiedPointObject[] Points => [.. chain.Points.Select(p => new VerifiedPointObject(p))];
}

/// <summary>What of one point in time can be restored.</summary>
internal sealed class VerifiedPointObject(VerifiedPoint point)
{
    public long Sequence => point.Sequence;

    public long? SourceBytes => point.SourceBytes;

    public long? LostBytes => point.LostBytes;

    public bool NeedsSalvage => point.NeedsSalvage;

    public RangeObject[]? Lost => point.LostBytes is null ? null : JsonShapes.Ranges(point.Lost);
}

/// <summary>Something wrong.</summary>
internal sealed class FindingObject(VerifyFinding finding)
{
    public string Chain => finding.Chain;

    public long Sequence => finding.Sequence;

    public string File => finding.File;

    public string Message => finding.Message;

    public RangeObject[] Ranges => JsonShapes.Ranges(finding.Ranges);
}
