using Tidemark.Engine.Operations.Repairs;

namespace Tidemark.Cli.Json;

/// <summary>The result of <c>repair</c>.</summary>
internal sealed class RepairEvent(RepairResult result, int exitCode) : ResultEvent("repair", exitCode)
{
    public string Chain => result.Chain;

    public RepairedObject[] Repaired => [.. result.Images.Select(i => new RepairedObject(i))];

    public IReadOnlyList<long> Restorable => result.Restorable;

    public double Seconds => JsonShapes.Seconds(result.Seconds);

    public double CpuSeconds => JsonShapes.Seconds(result.CpuSeconds);

    public IReadOnlyList<string> Notes => result.Notes;
}

/// <summary>What became of one image.</summary>
internal sealed class RepairedObject(RepairedImage image)
{
    public long Sequence => image.Sequence;

    public string State => image.State switch
    {
        RepairState.Whole => "whole",
        RepairState.Repaired => "repaired",
        RepairState.Partly => "partly",
        _ => "damaged",
    };

    public string? File => image.File;

    public long RepairedBytes => image.RepairedBytes;

    public int CorrectedFrames => image.CorrectedFrames;

    public int DamagedFrames => image.DamagedFrames;

    public RangeObject[] Lost => JsonShapes.Ranges(image.Lost);

    public string? Problem => image.Problem;
}
