namespace Tidemark.Engine.Allocation.Xfs;

/// <summary>
/// The header of a group's free space (XFS Algorithms and Data Structures, "AG Free Space Block"; Linux, struct xfs_agf).
/// </summary>
internal sealed class XfsAgf
{
    /// <summary>Levels that a tree has at most (XFS_BTREE_MAXLEVELS).</summary>
    public const int MaxLevels = 9;

    private const string Name = "free space header (AGF)";
    private const int ChecksumOffset = 216;

    public required uint Group { get; init; }

    /// <summary>Blocks of the group.</summary>
    public required uint Length { get; init; }

    /// <summary>The root of the tree by block number.</summary>
    public required uint Root { get; init; }

    public required int Levels { get; init; }

    /// <summary>The root of the tree by length.</summary>
    public required uint CountRoot { get; init; }

    public required int CountLevels { get; init; }

    /// <summary>The first active entry of the free list.</summary>
    public required uint ListFirst { get; init; }

    public required uint ListLast { get; init; }

    public required uint ListCount { get; init; }

    /// <summary>Blocks that the trees call free.</summary>
    public required uint FreeBlocks { get; init; }

    public required uint Longest { get; init; }

    /// <summary>Blocks that the trees consist of, but for the first one of each.</summary>
    public required uint TreeBlocks { get; init; }

    /// <param name="sector">Room for a sector.</param>
    public static XfsAgf Read(AllocationSource volume, XfsGeometry geometry, uint group, ulong logHead, Span<byte> sector)
    {
        volume.Read(geometry.OffsetOf(group, 0) + geometry.SectorSize, sector);
        if (!sector.StartsWith("XAGF"u8) || XfsMetadata.Word(sector, 4) != 1)
        {
            throw XfsMetadata.Wrong(Name, group, "it isn't one");
        }

        if (geometry.HasChecksums)
        {
            XfsMetadata.CheckSum(geometry, sector, ChecksumOffset, idOffset: 64, Name, group);
            XfsMetadata.CheckTime(XfsMetadata.Long(sector, 208), logHead, Name, group);
        }

        var agf = new XfsAgf
        {
            Group = XfsMetadata.Word(sector, 8),
            Length = XfsMetadata.Word(sector, 12),
            Root = XfsMetadata.Word(sector, 16),
            Levels = (int)Math.Min(XfsMetadata.Word(sector, 28), int.MaxValue),
            CountRoot = XfsMetadata.Word(sector, 20),
            CountLevels = (int)Math.Min(XfsMetadata.Word(sector, 32), int.MaxValue),
            ListFirst = XfsMetadata.Word(sector, 40),
            ListLast = XfsMetadata.Word(sector, 44),
            ListCount = XfsMetadata.Word(sector, 48),
            FreeBlocks = XfsMetadata.Word(sector, 52),
            Longest = XfsMetadata.Word(sector, 56),
            TreeBlocks = XfsMetadata.Word(sector, 60),
        };
        var isSound = agf.Group == group && agf.Length == geometry.BlocksOf(group) && agf.Levels is > 0 and <= MaxLevels
            && agf.CountLevels is > 0 and <= MaxLevels && agf.FreeBlocks <= agf.Length && agf.Longest <= agf.FreeBlocks && agf.TreeBlocks <= agf.Length;
        return isSound ? agf : throw XfsMetadata.Wrong(Name, group, "its fields contradict each other");
    }
}
