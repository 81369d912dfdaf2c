using System.Diagnostics;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhd;

/// <summary>Recognises and opens VHD files.</summary>
internal static class VhdFile
{
    /// <summary>
    /// The footer of a file: from its end, or, where that was lost, the copy at the start of a dynamic disk. Null if
    /// the file isn't a VHD.
    /// </summary>
    /// <exception cref="TidemarkException">There is a footer, but neither it nor a copy is sound.</exception>
    public static VhdFooter? FindFooter(BlockDevice file)
    {
        if (file.Length < VhdFooter.Size)
        {
            return null;
        }

        Span<byte> sector = stackalloc byte[VhdFooter.Size];
        VirtualDisk.ReadMark(file, file.Length - VhdFooter.Size, sector);
        if (VhdFooter.HasCookie(sector[1..]))
        {
            sector[1..].CopyTo(sector);
            sector[^1] = 0;
        }

        var claimed = VhdFooter.HasCookie(sector);
        var footer = VhdFooter.Read(sector, out var endProblem);
        if (footer is not null)
        {
            return footer;
        }

        VirtualDisk.ReadMark(file, 0, sector);
        claimed |= VhdFooter.HasCookie(sector);
        footer = VhdFooter.Read(sector, out var startProblem);
        if (footer is { Type: VhdDiskType.Dynamic or VhdDiskType.Differencing })
        {
            return footer;
        }

        if (!claimed)
        {
            return null;
        }

        throw TidemarkException.Damaged(
            $"{file.Name} is a damaged VHD: at its end {endProblem}, and at its start "
            + $"{(footer is null ? startProblem : "the copy is of a fixed disk")}. Restore the file from a copy.");
    }

    /// <summary>Opens a file with a sound footer; a differencing disk still has to be linked to its parent.</summary>
    public static VirtualDisk Open(BlockDevice file, VhdFooter footer)
    {
        if (footer.Type != VhdDiskType.Fixed)
        {
            return OpenDynamic(file, footer);
        }

        // Of a footer of 511 bytes or 512, whatever there is.
        var capacity = (ulong)(file.Length - VhdFooter.OldSize) / VhdFooter.SectorSize * VhdFooter.SectorSize;
        var size = RequireSize(file, footer, capacity);
        if (size.Bytes > capacity)
        {
            throw Damaged(file, $"it has {file.Length} bytes and should have {size.Bytes} and a footer; it was cut off");
        }

        var note = size.Note ?? (capacity > size.Bytes
            ? $"{file.Name} has {capacity - size.Bytes} bytes more before its footer than its disk of {size.Bytes}; they are no part of it"
            : null);
        return new VhdFixedDisk(file, footer, (long)size.Bytes, note);
    }

    /// <summary>Reads the dynamic header that a footer points to. Null, and why, if it isn't sound.</summary>
    public static VhdDynamicHeader? ReadHeader(BlockDevice file, VhdFooter footer, out string problem)
    {
        Debug.Assert(footer.Type != VhdDiskType.Fixed);
        if (file.Length < VhdDynamicHeader.Size || footer.DataOffset > (ulong)(file.Length - VhdDynamicHeader.Size))
        {
            problem = $"its dynamic header would lie at offset {footer.DataOffset}, outside the file";
            return null;
        }

        Span<byte> buffer = stackalloc byte[VhdDynamicHeader.Size];
        file.ReadAt((long)footer.DataOffset, buffer);
        return VhdDynamicHeader.Read(buffer, out problem);
    }

    /// <summary>What is wrong with the place or the size of the table for a disk of that size; empty if nothing.</summary>
    public static string TableProblem(BlockDevice file, VhdDynamicHeader header, long size)
    {
        var needed = (size + header.BlockSize - 1) / header.BlockSize;
        var bytes = (ulong)needed * VhdBlockTable.EntrySize;
        return header.MaxTableEntries < needed
                ? $"its table has {header.MaxTableEntries} entries and needs {needed}"
            : header.TableOffset % VhdFooter.SectorSize != 0
                ? $"its table begins at offset {header.TableOffset}, not at a sector"
            : header.TableOffset > (ulong)file.Length || bytes > (ulong)file.Length - header.TableOffset
                ? $"its table at offset {header.TableOffset} leaves the file"
            : "";
    }

    /// <summary>The size of a dynamic or differencing disk by its footer and what its table has room for.</summary>
    public static VhdSize SizeOf(BlockDevice file, VhdFooter footer, VhdDynamicHeader header) =>
        VhdSize.Of(file.Name, footer, (ulong)header.MaxTableEntries * header.BlockSize);

    private static VhdSize RequireSize(BlockDevice file, VhdFooter footer, ulong capacity)
    {
        var size = VhdSize.Of(file.Name, footer, capacity);
        return VhdSize.IsPossible(size.Bytes) ? size : throw Damaged(file, $"its size of {size.Bytes} bytes is not possible");
    }

    private static VhdDynamicDisk OpenDynamic(BlockDevice file, VhdFooter footer)
    {
        // What no table could hold isn't a size, whatever the table is.
        _ = RequireSize(file, footer, (ulong)VhdFooter.MaxDiskSize);
        var header = ReadHeader(file, footer, out var problem) ?? throw Damaged(file, problem);
        var found = SizeOf(file, footer, header);
        var size = (long)found.Bytes;
        problem = TableProblem(file, header, size);
        if (problem.Length > 0)
        {
            throw Damaged(file, problem);
        }

        var blocks = (size + header.BlockSize - 1) / header.BlockSize;
        var table = new VhdBlockTable(file, (long)header.TableOffset, blocks);
        return new VhdDynamicDisk(file, footer, header, table, size, found.Note);
    }

    private static TidemarkException Damaged(BlockDevice file, string problem) =>
        TidemarkException.Damaged($"{file.Name} is a damaged VHD: {problem}. Restore the file from a copy.");
}
