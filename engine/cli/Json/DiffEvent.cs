using Tidemark.Engine.Operations.Diffs;

namespace Tidemark.Cli.Json;

/// <summary>The result of <c>diff</c>; the ranges went before it.</summary>
internal sealed class DiffEvent(DiffResult result) : ResultEvent("diff", ExitCodes.Done)
{
    public string Chain => result.Chain;

    public long FromSequence => result.FromSequence;

    public long ToSequence => result.ToSequence;

    public long FromBytes => result.FromBytes;

    public long ToBytes => result.ToBytes;

    public int BlockSize => result.BlockSize;

    public long ChangedRanges => result.ChangedRanges;

    public long ChangedBytes => result.ChangedBytes;

    public double Seconds => JsonShapes.Seconds(result.Seconds);
}
