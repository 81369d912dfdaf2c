using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Tidemark.Engine.Devices.VirtualDisks.Writing;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhd;

/// <summary>
/// Writes a dynamic or differencing VHD: footer, dynamic header, table, names of the parent, blocks in order, footer
/// (specification 1.0, "Hard Disk Footer Format" to "Data Blocks").
/// </summary>
internal sealed class VhdWriter : DiskWriter
{
    /// <summary>
    /// Data begins at multiples of this, with its bitmap right before it, so that disks with sectors of 4 KiB don't
    /// have to read before they write. Windows 8 and later do the same.
    /// </summary>
    private const int DataAlignment = 4096;

    private const int TableOffset = VhdFooter.Size + VhdDynamicHeader.Size;

    private readonly VhdFooter footer;
    private readonly VhdDynamicHeader header;
    private readonly TableWriter table;
    private readonly byte[] bitmap;
    private long next;
    private long block = -1;
    private long dataOffset;

    /// <param name="file">A new file.</param>
    /// <param name="footer">All of it but what the kind of disk decides.</param>
    /// <param name="blockSize">Bytes of a block, a power of two of at least one sector.</param>
    /// <param name="parent">Null for a dynamic disk.</param>
    public VhdWriter(RawDevice file, VhdFooter footer, uint blockSize, ParentFile? parent)
        : base(file, (long)footer.CurrentSize)
    {
        var entries = (Size + blockSize - 1) / blockSize;
        Debug.Assert(entries <= uint.MaxValue && Size % VhdFooter.SectorSize == 0);
        this.footer = footer with
        {
            Type = parent is null ? VhdDiskType.Dynamic : VhdDiskType.Differencing,
            DataOffset = VhdFooter.Size,
        };
        bitmap = new byte[VhdBlockTable.BitmapSize(blockSize)];
        next = RoundUp(TableOffset + (entries * VhdBlockTable.EntrySize), VhdFooter.SectorSize);
        var locators = parent is null ? [] : WriteNames(parent);
        next = RoundUp(next, DataAlignment);
        Reach(next);
        table = new TableWriter(file, TableOffset, byte.MaxValue);
        header = new VhdDynamicHeader
        {
            TableOffset = TableOffset,
            MaxTableEntries = (uint)entries,
            BlockSize = blockSize,
            ParentUniqueId = parent?.Id ?? Guid.Empty,
            ParentTimeStamp = parent?.TimeStamp ?? 0,
            ParentName = parent is null ? "" : Shorten(parent.Name),
            ParentLocators = locators,
        };
    }

    public override long Unit => header.BlockSize;

    private bool IsDifferencing => footer.Type == VhdDiskType.Differencing;

    public override long Place(long offset, int length, out int run)
    {
        Enter(offset / Unit);
        var within = offset % Unit;
        run = (int)Math.Min(length, Unit - within);
        MarkPresent(within, run);
        return dataOffset + within;
    }

    public override void Zeros(long offset, long length)
    {
        // A block that a dynamic disk doesn't hold is zeros. Of a differencing one it would be the parent's, so it gets a
        // place, which a new file holds zeros in.
        while (IsDifferencing && length > 0)
        {
            Enter(offset / Unit);
            var within = offset % Unit;
            var part = Math.Min(length, Unit - within);
            MarkPresent(within, part);
            offset += part;
            length -= part;
        }
    }

    public override void Complete()
    {
        Leave();
        table.Complete(header.MaxTableEntries * (long)VhdBlockTable.EntrySize);
        File.Resize(next + VhdFooter.Size);
        Span<byte> start = stackalloc byte[TableOffset];
        (footer with { UniqueId = ContentId }).Write(start);
        header.Write(start[VhdFooter.Size..]);
        File.WriteAt(next, start[..VhdFooter.Size]);
        File.WriteAt(0, start);
        FillTableEnd();
    }

    /// <summary>The table fills whole sectors; what its last one has left is unused entries, as other tools leave it.</summary>
    private void FillTableEnd()
    {
        var end = TableOffset + (header.MaxTableEntries * (long)VhdBlockTable.EntrySize);
        Span<byte> unused = stackalloc byte[(int)(RoundUp(end, VhdFooter.SectorSize) - end)];
        unused.Fill(byte.MaxValue);
        if (unused.Length > 0)
        {
            File.WriteAt(end, unused);
        }
    }

    private void Enter(long wanted)
    {
        if (wanted == block)
        {
            return;
        }

        Debug.Assert(wanted > block);
        Leave();
        block = wanted;
        dataOffset = RoundUp(next + bitmap.Length, DataAlignment);
        next = dataOffset + Unit;
        Reach(next);
        var sector = (dataOffset - bitmap.Length) / VhdFooter.SectorSize;
        Debug.Assert(sector < VhdBlockTable.Unused);
        BinaryPrimitives.WriteUInt32BigEndian(table.Entry(block * VhdBlockTable.EntrySize, VhdBlockTable.EntrySize), (uint)sector);
    }

    /// <summary>Writes the bitmap of the block that is left; a dynamic disk's blocks are whole.</summary>
    private void Leave()
    {
        if (block >= 0)
        {
            if (!IsDifferencing)
            {
                bitmap.AsSpan().Fill(byte.MaxValue);
            }

            File.WriteAt(dataOffset - bitmap.Length, bitmap);
            bitmap.AsSpan().Clear();
        }
    }

    private void MarkPresent(long within, long length)
    {
        var end = (within + length + VhdFooter.SectorSize - 1) / VhdFooter.SectorSize;
        for (var sector = within / VhdFooter.SectorSize; IsDifferencing && sector < end; sector++)
        {
            bitmap[sector / 8] |= (byte)(0x80 >> (int)(sector % 8));
        }
    }

    private VhdParentLocator[] WriteNames(ParentFile parent)
    {
        var locators = new List<VhdParentLocator>();
        foreach (var (code, name) in new[]
        {
            (VhdParentLocator.RelativeWindowsPath, parent.WindowsRelativePath),
            (VhdParentLocator.AbsoluteWindowsPath, parent.WindowsAbsolutePath),
        })
        {
            var bytes = Encoding.Unicode.GetBytes(name);
            if (bytes.Length > VhdParentLocator.MaxDataLength)
            {
                throw TidemarkException.WrongUse($"The path {name} is too long to be named in a VHD. Put the base elsewhere.");
            }

            var space = RoundUp(bytes.Length, VhdFooter.SectorSize);
            Reach(next + space);
            File.WriteAt(next, bytes);
            locators.Add(new VhdParentLocator(code, (uint)space, (uint)bytes.Length, (ulong)next));
            next += space;
        }

        return [.. locators];
    }

    /// <summary>The header's field is for people; a longer name stands in the locators.</summary>
    private static string Shorten(string name) => name[..Math.Min(name.Length, VhdDynamicHeader.MaxParentName)];
}
