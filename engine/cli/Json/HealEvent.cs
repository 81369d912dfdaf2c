using Tidemark.Engine.Operations.Healing;

namespace Tidemark.Cli.Json;

/// <summary>The result of <c>heal</c>.</summary>
internal sealed class HealEvent(HealResult result, int exitCode) : ResultEvent("heal", exitCode)
{
    public string Chain => result.Chain;

    public string Source => result.Source;

    public HealedObject[] Healed => [.. result.Images.Select(i => new HealedObject(i))];

    public long ReadBytes => result.ReadBytes;

    public double Seconds => JsonShapes.Seconds(result.Seconds);

    public double CpuSeconds => JsonShapes.Seconds(result.CpuSeconds);

    public IReadOnlyList<string> Notes => result.Notes;
}

/// <summary>What was healed of one image.</summary>
internal sealed class HealedObject(HealedImage image)
{
    public long Sequence => image.Sequence;

    public string? File => image.File;

    public long DamagedBytes => image.DamagedBytes;

    public long HealedBytes => image.HealedBytes;

    public RangeObject[] Left => JsonShapes.Ranges(image.Left);

    public long DifferentBytes => image.Differs;

    public long UnknownBytes => image.Unknown;

    public IReadOnlyList<string> Replaced => image.Replaced;
}
