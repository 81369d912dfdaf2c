namespace Tidemark.Engine.Images;

/// <summary>A page of an image's index that is needed can't be used, so that what it told of its blocks isn't known.</summary>
internal sealed class IndexDamageException(ImageReader image, string problem) : TidemarkException(
    TidemarkError.Damaged,
    $"Image {image.Header.Sequence} ({image.Name}) is damaged. {problem} Run repair on the chain, which may bring the index back.")
{
    /// <summary>The image whose index it is.</summary>
    public long Sequence { get; } = image.Header.Sequence;
}
