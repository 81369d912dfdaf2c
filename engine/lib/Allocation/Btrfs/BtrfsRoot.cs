namespace Tidemark.Engine.Allocation.Btrfs;

/// <summary>Where a tree begins, and what its first block has to say of itself.</summary>
/// <param name="Owner">The number of the tree.</param>
/// <param name="Address">The logical address of its first block.</param>
/// <param name="Level">0 where that is a leaf.</param>
/// <param name="Generation">The transaction that wrote it.</param>
internal readonly record struct BtrfsRoot(ulong Owner, ulong Address, int Level, ulong Generation);
