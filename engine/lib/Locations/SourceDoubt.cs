using Tidemark.Engine.Progress;

namespace Tidemark.Engine.Locations;

/// <summary>Why a source may not be what it was taken for, and what can be said about that.</summary>
internal sealed record SourceDoubt(string Reason, Advice Advice)
{
    public void Tell(IRunObserver observer) => observer.Warn(Reason, Advice);
}
