namespace Tidemark.Engine.Operations.Points;

/// <summary>A range of a volume that can't be brought back, and which image's damage is the reason.</summary>
public sealed record DamagedRange(long Offset, long Length, long Sequence, string Reason);
