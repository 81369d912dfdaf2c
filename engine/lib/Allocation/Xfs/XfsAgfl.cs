namespace Tidemark.Engine.Allocation.Xfs;

/// <summary>
/// A group's free list: blocks that its trees may grow into (XFS Algorithms and Data Structures, "AG Free List"). They are in no
/// tree of free space, and so used.
/// </summary>
internal static class XfsAgfl
{
    private const string Name = "free list (AGFL)";
    private const int ChecksumOffset = 32;

    /// <summary>Bytes before the first entry in version 5; before, there are none.</summary>
    private const int HeaderSize = 36;

    /// <param name="sector">Room for a sector.</param>
    /// <returns>The blocks of the list, ascending.</returns>
    public static uint[] Read(AllocationSource volume, XfsGeometry geometry, XfsAgf agf, ulong logHead, Span<byte> sector)
    {
        volume.Read(geometry.OffsetOf(agf.Group, 0) + (3 * geometry.SectorSize), sector);
        if (geometry.HasChecksums)
        {
            if (!sector.StartsWith("XAFL"u8) || XfsMetadata.Word(sector, 4) != agf.Group)
            {
                throw XfsMetadata.Wrong(Name, agf.Group, "it isn't one");
            }

            XfsMetadata.CheckSum(geometry, sector, ChecksumOffset, idOffset: 8, Name, agf.Group);
            XfsMetadata.CheckTime(XfsMetadata.Long(sector, 24), logHead, Name, agf.Group);
        }

        var entries = sector[(geometry.HasChecksums ? HeaderSize : 0)..];
        var size = (uint)entries.Length / sizeof(uint);
        if (agf.ListFirst >= size || agf.ListLast >= size || agf.ListCount > size)
        {
            throw XfsMetadata.Wrong(Name, agf.Group, "it is too short");
        }

        if (agf.ListCount > 0 && agf.ListCount != ((agf.ListLast + size - agf.ListFirst) % size) + 1)
        {
            throw XfsMetadata.Wrong(Name, agf.Group, "its count is wrong");
        }

        var blocks = new uint[agf.ListCount];
        for (var i = 0; i < blocks.Length; i++)
        {
            blocks[i] = XfsMetadata.Word(entries, (int)((agf.ListFirst + (uint)i) % size) * sizeof(uint));
            if (blocks[i] < geometry.FirstFreeable || blocks[i] >= agf.Length)
            {
                throw XfsMetadata.Wrong(Name, agf.Group, "it points outside of the group");
            }
        }

        Array.Sort(blocks);
        return blocks;
    }
}
