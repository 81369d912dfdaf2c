using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>
/// A restart page of $LogFile with its restart area (Linux-NTFS project's logfile.h, RESTART_PAGE_HEADER, RESTART_AREA): whether
/// the log has to be replayed.
/// </summary>
/// <param name="Lsn">Of the last change that the page knows; the page with the higher one counts.</param>
/// <param name="PageSize">Bytes; the second page lies that far behind the first.</param>
/// <param name="Version">Major and minor.</param>
/// <param name="IsClean">Whether the file system was shut down, or nobody has the log open.</param>
internal readonly record struct LogRestartPage(long Lsn, int PageSize, (short Major, short Minor) Version, bool IsClean)
{
    /// <summary>What a search for a page begins with: the header, and all of the area up to its clients.</summary>
    public const int HeadSize = UpdateSequence.Stride;

    public const int MostPageSize = 64 << 10;

    private const int HeaderSize = 30;
    private const int AreaSize = 48;
    private const ushort NoClient = 0xFFFF;
    private const ushort VolumeIsClean = 2;

    /// <summary>Bytes of the page that begins like this; 0 for none.</summary>
    public static int SizeOf(ReadOnlySpan<byte> head)
    {
        var size = BinaryPrimitives.ReadUInt32LittleEndian(head[16..]);
        return (head.StartsWith("RSTR"u8) || head.StartsWith("CHKD"u8)) && size is >= UpdateSequence.Stride and <= MostPageSize && uint.IsPow2(size)
            ? (int)size : 0;
    }

    /// <summary>Reads a whole page; null where it is damaged. Undoes its update sequence in place.</summary>
    public static LogRestartPage? TryRead(Span<byte> page)
    {
        // A check of the disk leaves pages without a sequence.
        var isChecked = page.StartsWith("CHKD"u8);
        var isProtected = !isChecked || BinaryPrimitives.ReadUInt16LittleEndian(page[6..]) != 0;
        int at = BinaryPrimitives.ReadUInt16LittleEndian(page[24..]);
        if (SizeOf(page) != page.Length || (isProtected && !UpdateSequence.TryUndo(page))
            || at < HeaderSize || at % 8 != 0 || at + AreaSize > HeadSize - 2)
        {
            return null;
        }

        var area = page[at..];
        var clients = BinaryPrimitives.ReadUInt16LittleEndian(area[8..]);
        var inUse = BinaryPrimitives.ReadUInt16LittleEndian(area[12..]);
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(area[14..]);
        if (inUse != NoClient && inUse >= clients)
        {
            return null;
        }

        return new LogRestartPage(
            BinaryPrimitives.ReadInt64LittleEndian(isChecked ? page[8..] : area),
            page.Length,
            (BinaryPrimitives.ReadInt16LittleEndian(page[28..]), BinaryPrimitives.ReadInt16LittleEndian(page[26..])),
            inUse == NoClient || (flags & VolumeIsClean) != 0);
    }
}
