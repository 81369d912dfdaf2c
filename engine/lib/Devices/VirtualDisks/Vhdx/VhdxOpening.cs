using System.Diagnostics;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>The way from a file to its disk: headers, log, regions, metadata, block allocation table.</summary>
internal static class VhdxOpening
{
    public static VhdxDisk Open(BlockDevice file)
    {
        if (file.Length < VhdxDisk.Alignment)
        {
            throw VhdxDisk.Damaged(file, $"it has only {file.Length} bytes");
        }

        var header = CurrentHeader(file);
        var replayed = Replay(file, header);
        var regions = Regions(replayed, header);
        var metadata = VhdxMetadata.Read(replayed, regions.Metadata);
        var table = Table(replayed, regions.Bat, metadata);
        return new VhdxDisk(replayed, header.DataWriteGuid, metadata, table);
    }

    /// <summary>
    /// The sound header with the higher number ([MS-VHDX] 2.2.2). Two alike are taken too: Disk2vhd writes such files.
    /// </summary>
    private static VhdxHeader CurrentHeader(BlockDevice file)
    {
        Span<byte> buffer = stackalloc byte[VhdxHeader.Size];
        file.ReadAt(VhdxHeader.FirstOffset, buffer);
        var first = VhdxHeader.Read(buffer, out var firstProblem);
        file.ReadAt(VhdxHeader.SecondOffset, buffer);
        var second = VhdxHeader.Read(buffer, out var secondProblem);
        if (first is null && second is null)
        {
            throw VhdxDisk.Damaged(
                file, $"neither header can be used (of the first, {firstProblem}; of the second, {secondProblem})");
        }

        if (first?.SequenceNumber == second?.SequenceNumber && first != second)
        {
            throw VhdxDisk.Damaged(file, "its two headers differ and have the same sequence number");
        }

        var current = second is null || first?.SequenceNumber >= second.SequenceNumber ? first! : second;
        return current.Version == 1
            ? current
            : throw VhdxDisk.Unsupported(file, $"format version {current.Version}");
    }

    /// <summary>The file with its log replayed in memory; the file itself where the log is empty.</summary>
    private static BlockDevice Replay(BlockDevice file, VhdxHeader header)
    {
        if (header.LogGuid == Guid.Empty)
        {
            return file;
        }

        if (header.LogVersion != 0)
        {
            throw VhdxDisk.Unsupported(file, $"log version {header.LogVersion}");
        }

        if (header.LogLength > VhdxLog.MaxLength)
        {
            throw VhdxDisk.Unsupported(
                file, $"a log of {header.LogLength} bytes replayed, and {VhdxLog.MaxLength} are possible");
        }

        if (header.LogLength == 0
            || header.LogLength % VhdxDisk.Alignment != 0
            || header.LogOffset % VhdxDisk.Alignment != 0
            || header.LogOffset < VhdxDisk.Alignment
            || header.LogOffset > (ulong)file.Length
            || header.LogLength > (ulong)file.Length - header.LogOffset)
        {
            throw VhdxDisk.Damaged(
                file, $"its log of {header.LogLength} bytes at offset {header.LogOffset} can't be there");
        }

        var memory = new byte[header.LogLength];
        file.ReadAt((long)header.LogOffset, memory);
        var log = new VhdxLog(memory, header.LogGuid);
        var sequence = log.FindActiveSequence();
        if (sequence.Count == 0)
        {
            throw VhdxDisk.Damaged(file, "it was not closed, and its log has no complete sequence of entries");
        }

        var head = log.HeaderAt(sequence[^1]);
        if (head.FlushedFileOffset > (ulong)file.Length)
        {
            throw VhdxDisk.Damaged(
                file, $"it had {head.FlushedFileOffset} bytes when its log was written and has {file.Length}");
        }

        var writes = new List<VhdxLogWrite>();
        foreach (var sector in sequence)
        {
            log.Replay(sector, writes);
        }

        Debug.Assert(head.LastFileOffset <= long.MaxValue);
        return new ReplayedFile(file, memory, writes, (long)head.LastFileOffset);
    }

    private static (VhdxRegionEntry Bat, VhdxRegionEntry Metadata) Regions(BlockDevice file, VhdxHeader header)
    {
        var buffer = new byte[VhdxRegionTable.Size];
        file.ReadAt(VhdxRegionTable.FirstOffset, buffer);
        var regions = VhdxRegionTable.Read(buffer, out var firstProblem);
        if (regions is null)
        {
            file.ReadAt(VhdxRegionTable.SecondOffset, buffer);
            regions = VhdxRegionTable.Read(buffer, out var secondProblem) ?? throw VhdxDisk.Damaged(
                file, $"neither region table can be used (of the first, {firstProblem}; of the second, {secondProblem})");
        }

        CheckRegions(file, header, regions);
        return (Find(VhdxRegionEntry.Bat, "block allocation table"), Find(VhdxRegionEntry.Metadata, "metadata region"));

        VhdxRegionEntry Find(Guid id, string what)
        {
            foreach (var entry in regions.Entries)
            {
                if (entry.Id == id)
                {
                    return entry;
                }
            }

            throw VhdxDisk.Damaged(file, $"its {what} is missing");
        }
    }

    /// <summary>Every region is known or not required, has its place in the file, and shares it with no other.</summary>
    private static void CheckRegions(BlockDevice file, VhdxHeader header, VhdxRegionTable regions)
    {
        var sorted = regions.Entries.OrderBy(r => r.Offset).ToList();
        var ids = new HashSet<Guid>();
        var end = (ulong)VhdxDisk.Alignment;
        foreach (var entry in sorted)
        {
            if (entry.Required && entry.Id != VhdxRegionEntry.Bat && entry.Id != VhdxRegionEntry.Metadata)
            {
                throw VhdxDisk.Unsupported(file, $"the region {entry.Id}, which it marks as required");
            }

            if (entry.Offset % VhdxDisk.Alignment != 0
                || entry.Length % VhdxDisk.Alignment != 0
                || entry.Length == 0
                || entry.Offset > (ulong)file.Length
                || entry.Length > (ulong)file.Length - entry.Offset)
            {
                throw VhdxDisk.Damaged(
                    file, $"the region {entry.Id} of {entry.Length} bytes at offset {entry.Offset} can't be there");
            }

            var inLog = header.LogLength > 0
                && header.LogOffset < entry.End
                && header.LogOffset + header.LogLength > entry.Offset;
            if (entry.Offset < end || inLog || !ids.Add(entry.Id))
            {
                throw VhdxDisk.Damaged(file, $"the region {entry.Id} overlaps another part of the file, or is there twice");
            }

            end = entry.End;
        }
    }

    private static VhdxBlockTable Table(BlockDevice file, VhdxRegionEntry region, VhdxMetadata metadata)
    {
        var blockSize = metadata.Parameters.BlockSize;
        var blocks = (metadata.DiskSize + blockSize - 1) / blockSize;
        var chunkRatio = VhdxBlockTable.SectorsPerChunk * metadata.LogicalSectorSize / blockSize;
        var entries = VhdxBlockTable.EntryCount(blocks, chunkRatio, metadata.Parameters.HasParent);
        if (entries * VhdxBatEntry.Size > region.Length)
        {
            throw VhdxDisk.Damaged(
                file, $"its block allocation table has {region.Length} bytes and needs {entries * VhdxBatEntry.Size}");
        }

        return new VhdxBlockTable(file, (long)region.Offset, blocks, chunkRatio);
    }
}
