using Tidemark.Engine.Images;

namespace Tidemark.Engine.Chains;

/// <summary>An image and its ancestors as far as they are there.</summary>
/// <param name="Images">Newest first, at least the image itself.</param>
/// <param name="MissingSequence">The ancestor that isn't there or isn't the one it should be; 0 if the lineage is whole.</param>
/// <param name="Problem">What is wrong with it, for people.</param>
internal sealed record SalvagedLineage(IReadOnlyList<ImageReader> Images, long MissingSequence, string Problem)
{
    public bool IsCutOff => MissingSequence != 0;
}
