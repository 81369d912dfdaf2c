using System.Diagnostics;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Images;

/// <summary>What a level of a lineage is to the point in time.</summary>
internal enum LevelRole
{
    /// <summary>The image whose point in time it is, or one of its ancestors.</summary>
    Image,

    /// <summary>
    /// A healing image, right before the image that it heals: it has blocks of that image once more, so that where it can't
    /// be read the image itself has its say.
    /// </summary>
    Healing,

    /// <summary>Stands for the ancestor that isn't there: whatever no newer level tells is lost.</summary>
    Missing,
}

/// <summary>
/// A point in time as it is read: its image, the ancestors down to a full one, and the healing images of each. The levels
/// go from the newest to the oldest, and the newest that speaks of a block wins.
/// </summary>
internal sealed class Lineage
{
    private readonly ImageReader[] levels;
    private readonly LevelRole[] roles;

    /// <param name="image">The image whose point in time it is.</param>
    /// <param name="levels">Newest first; healing images of <paramref name="image"/> stand before it.</param>
    /// <param name="missingSequence">The ancestor that isn't there or isn't the one it should be; 0 if all are.</param>
    /// <param name="problem">What is wrong with it, for people.</param>
    public Lineage(
        ImageReader image, IReadOnlyList<(ImageReader Image, LevelRole Role)> levels, long missingSequence = 0, string problem = "")
    {
        Debug.Assert(levels.Any(l => l.Image == image));
        Image = image;
        this.levels = [.. levels.Select(l => l.Image)];
        roles = [.. levels.Select(l => l.Role)];
        MissingSequence = missingSequence;
        Problem = problem;
    }

    /// <summary>
    /// The image whose point in time it is: size, name and metadata of the point are its own, whatever stands before it.
    /// </summary>
    public ImageReader Image { get; }

    public ImageHeader Header => Image.Header;

    /// <summary>Levels that are there.</summary>
    public int Count => levels.Length;

    /// <summary>All levels that are there, newest first.</summary>
    public IReadOnlyList<ImageReader> Levels => levels;

    /// <summary>The ancestor that isn't there or isn't the one it should be; 0 if the lineage is whole.</summary>
    public long MissingSequence { get; }

    /// <summary>What is wrong with it, for people.</summary>
    public string Problem { get; }

    public bool IsCutOff => MissingSequence != 0;

    public ImageReader this[int level] => levels[level];

    /// <summary>The point of an image by itself, or on top of its ancestors.</summary>
    public static Lineage Of(ImageReader image, params IReadOnlyList<ImageReader> ancestors) =>
        new(image, [(image, LevelRole.Image), .. ancestors.Select(a => (a, LevelRole.Image))]);

    /// <param name="level">From 0; the one behind the last that is there is the missing ancestor's.</param>
    public LevelRole Role(int level) => level < roles.Length ? roles[level] : LevelRole.Missing;
}
