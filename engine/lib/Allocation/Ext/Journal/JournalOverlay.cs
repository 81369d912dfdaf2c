namespace Tidemark.Engine.Allocation.Ext.Journal;

/// <summary>The blocks that a replay would write and that somebody here reads: where in the journal each lies.</summary>
internal sealed class JournalOverlay
{
    /// <summary>Blocks at most, some 40 MiB: more bitmaps than a volume of 64 TiB has.</summary>
    private const int MaxBlocks = 1 << 19;

    private readonly Dictionary<long, Copy> copies = [];

    /// <param name="block">The block of the file system.</param>
    /// <param name="copy">The block that holds the new content, of the file system as well.</param>
    /// <param name="isEscaped">Whether its first four bytes are those of the journal's magic number instead.</param>
    /// <exception cref="AllocationException">There are too many.</exception>
    public void Set(long block, long copy, bool isEscaped)
    {
        copies[block] = new Copy(copy, isEscaped);
        if (copies.Count > MaxBlocks)
        {
            throw new AllocationException($"its journal changes more than {MaxBlocks} of its bitmaps");
        }
    }

    public bool TryGet(long block, out Copy copy) => copies.TryGetValue(block, out copy);

    internal readonly record struct Copy(long Block, bool IsEscaped);
}
