using Tidemark.Engine.Format;

namespace Tidemark.Engine.Images;

/// <summary>What a layer of a lineage is to the point in time.</summary>
internal enum LayerRole
{
    /// <summary>The image whose point in time it is, or one of its ancestors.</summary>
    Image,

    /// <summary>
    /// A healing image, right before the image that it heals: it has blocks of that image once more, so that where it can't
    /// be read the image itself has its say.
    /// </summary>
    Healing,

    /// <summary>Stands for the ancestor that isn't there: whatever no newer layer tells is lost.</summary>
    Missing,
}

/// <summary>
/// A point in time as it is read: its image, the ancestors down to a full one, and the healing images of each. The layers
/// go from the newest to the oldest, and the newest that speaks of a block wins.
/// </summary>
internal sealed class Lineage
{
    private readonly ImageReader[] layers;
    private readonly LayerRole[] roles;

    /// <param name="image">The image whose point in time it is.</param>
    /// <param name="layers">Newest first; healing images of <paramref name="image"/> stand before it.</param>
    /// <param name="missingSequence">The ancestor that isn't there or isn't the one it should be; 0 if all are.</param>
    /// <param name="problem">What is wrong with it, for people.</param>
    public Lineage(
        ImageReader image, IReadOnlyList<(ImageReader Image, LayerRole Role)> layers, long missingSequence = 0, string problem = "")
    {
        Invariant.Holds(layers.Any(l => l.Image == image));
        Image = image;
        this.layers = [.. layers.Select(l => l.Image)];
        roles = [.. layers.Select(l => l.Role)];
        MissingSequence = missingSequence;
        Problem = problem;
    }

    /// <summary>
    /// The image whose point in time it is: size, name and metadata of the point are its own, whatever stands before it.
    /// </summary>
    public ImageReader Image { get; }

    public ImageHeader Header => Image.Header;

    /// <summary>Layers that are there.</summary>
    public int Count => layers.Length;

    /// <summary>All layers that are there, newest first.</summary>
    public IReadOnlyList<ImageReader> Layers => layers;

    /// <summary>The ancestor that isn't there or isn't the one it should be; 0 if the lineage is whole.</summary>
    public long MissingSequence { get; }

    /// <summary>What is wrong with it, for people.</summary>
    public string Problem { get; }

    public bool IsCutOff => MissingSequence != 0;

    public ImageReader this[int layer] => layers[layer];

    /// <summary>The point of an image by itself, or on top of its ancestors.</summary>
    public static Lineage Of(ImageReader image, params IReadOnlyList<ImageReader> ancestors) =>
        new(image, [(image, LayerRole.Image), .. ancestors.Select(a => (a, LayerRole.Image))]);

    /// <param name="layer">From 0; the one behind the last that is there is the missing ancestor's.</param>
    public LayerRole Role(int layer) => layer < roles.Length ? roles[layer] : LayerRole.Missing;
}
