using Tidemark.Engine.Format;
using Tidemark.Engine.Images;

namespace Tidemark.Engine.Index;

/// <summary>Walks what one layer of a lineage says of blocks, in block order.</summary>
internal abstract class ExtentCursor
{
    /// <summary>The image whose index is walked; null for one that is missing.</summary>
    public abstract ImageReader? Image { get; }

    /// <summary>The extent the cursor stands on; valid after <see cref="MoveTo"/> said true.</summary>
    public abstract ref readonly IndexExtent Current { get; }

    /// <summary>The hashes of the current extent, one a block, for stored states; valid until the cursor moves.</summary>
    public abstract ReadOnlySpan<UInt128> Hashes { get; }

    /// <summary>
    /// Why the blocks of the current extent are lost, where that is because of what can't be read now; null for an extent that an
    /// index tells.
    /// </summary>
    public abstract string? Problem { get; }

    /// <summary>Moves to the next extent; false after the last.</summary>
    public bool MoveNext() => MoveTo(0);

    /// <summary>Moves to the next extent that ends after <paramref name="block"/>; false if there is none.</summary>
    public abstract bool MoveTo(long block);

    /// <summary>Goes to the first extent that ends after <paramref name="block"/>, forward or back; false if there is none.</summary>
    public abstract bool SeekTo(long block);
}
