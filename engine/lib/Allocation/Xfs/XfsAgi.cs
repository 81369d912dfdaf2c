namespace Tidemark.Engine.Allocation.Xfs;

/// <summary>
/// The header of a group's inodes (XFS Algorithms and Data Structures, "AG Inode Management"). It has no word on free space, but
/// where it is wrong the group isn't what it was.
/// </summary>
internal static class XfsAgi
{
    private const string Name = "inode header (AGI)";
    private const int ChecksumOffset = 312;

    /// <param name="sector">Room for a sector.</param>
    public static void Check(AllocationSource volume, XfsGeometry geometry, uint group, ulong logHead, Span<byte> sector)
    {
        volume.Read(geometry.OffsetOf(group, 0) + (2 * geometry.SectorSize), sector);
        if (!sector.StartsWith("XAGI"u8) || XfsMetadata.Word(sector, 4) != 1)
        {
            throw XfsMetadata.Wrong(Name, group, "it isn't one");
        }

        if (geometry.HasChecksums)
        {
            XfsMetadata.CheckSum(geometry, sector, ChecksumOffset, idOffset: 296, Name, group);
            XfsMetadata.CheckTime(XfsMetadata.Long(sector, 320), logHead, Name, group);
        }

        if (XfsMetadata.Word(sector, 8) != group || XfsMetadata.Word(sector, 12) != geometry.BlocksOf(group))
        {
            throw XfsMetadata.Wrong(Name, group, "its fields contradict each other");
        }
    }
}
