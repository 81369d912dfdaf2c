namespace Tidemark.Engine.Operations.Points;

/// <summary>A clock that stands at the time an imported file is of; what passes meanwhile is measured as ever.</summary>
internal sealed class FixedTime(DateTimeOffset now) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => now;
}
