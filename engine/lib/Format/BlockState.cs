namespace Tidemark.Engine.Format;

/// <summary>What an image says of a block; the values stand in index pages. Absent is never stored.</summary>
internal enum BlockState : byte
{
    /// <summary>Not in this index: as in the parent.</summary>
    Absent = 0,

    /// <summary>Content is stored in a frame.</summary>
    Data = 1,

    /// <summary>The block was read and is all zeros.</summary>
    Zero = 2,

    /// <summary>The source stores nothing for the block, so it reads as zeros and was not read.</summary>
    Unallocated = 3,

    /// <summary>
    /// At least one sector couldn't be read. What could be read is stored in a frame, bad sectors filled with a
    /// pattern; the metadata lists them.
    /// </summary>
    Unreadable = 4,

    /// <summary>Left out on request; restores as zeros.</summary>
    Excluded = 5,

    /// <summary>
    /// What the block held at this point is lost: its place in the index of a repaired image is known, its content isn't.
    /// Never in an image as it was written; a merge that goes on over damage tells it too.
    /// </summary>
    Lost = 6,

    /// <summary>
    /// Nobody can reach the block by the file system's own records, so it was not read: it may hold anything, and nobody cares
    /// what. Not the same as <see cref="Unallocated"/>, whose zeros somebody may rely on.
    /// </summary>
    Free = 7,
}

internal static class BlockStates
{
    /// <summary>Data and unreadable blocks have a hash and a place in a frame.</summary>
    public static bool IsStored(this BlockState state) => state is BlockState.Data or BlockState.Unreadable;

    /// <summary>Blocks without content, which whoever reads the point gets zeros for.</summary>
    public static bool ReadsAsZeros(this BlockState state) =>
        state is BlockState.Zero or BlockState.Unallocated or BlockState.Excluded or BlockState.Free;

    /// <summary>Zero and unallocated blocks have the same content; going from one to the other changes nothing.</summary>
    public static bool IsZeroContent(this BlockState state) => state is BlockState.Zero or BlockState.Unallocated;
}
