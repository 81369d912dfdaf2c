using System.Buffers.Binary;
using System.Diagnostics;
using Tidemark.Engine.Devices.VirtualDisks.Writing;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>
/// Writes a dynamic or differencing VHDX: headers and region tables, an empty log, metadata, block allocation table, then
/// payload and bitmap blocks in order ([MS-VHDX] 2.1).
/// </summary>
internal sealed class VhdxWriter : DiskWriter
{
    private const string Creator = "Tidemark";

    private const long LogOffset = VhdxDisk.Alignment;
    private const long MetadataOffset = 2 * VhdxDisk.Alignment;
    private const long TableOffset = 3 * VhdxDisk.Alignment;
    private const long BitmapBlockSize = VhdxDisk.Alignment;

    private readonly VhdxMetadata metadata;
    private readonly TableWriter table;
    private readonly SectorMarks marks;
    private readonly long chunkRatio;
    private readonly long tableLength;
    private long next;
    private long block = -1;
    private long dataOffset = -1;
    private long chunk = -1;
    private long bitmapOffset = -1;
    private TableWriter? bitmap;

    /// <param name="file">A new file.</param>
    /// <param name="metadata">What the disk is.</param>
    public VhdxWriter(RawDevice file, VhdxMetadata metadata)
        : base(file, metadata.DiskSize)
    {
        this.metadata = metadata;
        Debug.Assert(metadata.Parameters.HasParent == (metadata.ParentLocator is not null));
        Debug.Assert(Size > 0 && Size % metadata.LogicalSectorSize == 0);
        var blocks = (Size + Unit - 1) / Unit;
        chunkRatio = VhdxBlockTable.SectorsPerChunk * metadata.LogicalSectorSize / Unit;
        var entries = VhdxBlockTable.EntryCount(blocks, chunkRatio, IsDifferencing);
        tableLength = RoundUp(entries * VhdxBatEntry.Size, VhdxDisk.Alignment);
        next = TableOffset + tableLength;
        Reach(next);
        table = new TableWriter(file, TableOffset, 0);
        marks = new SectorMarks(Unit / metadata.LogicalSectorSize);
    }

    public override long Unit => metadata.Parameters.BlockSize;

    private bool IsDifferencing => metadata.Parameters.HasParent;

    public override long Place(long offset, int length, out int run)
    {
        Enter(offset / Unit);
        if (dataOffset < 0)
        {
            dataOffset = Take(Unit);
        }

        var within = offset % Unit;
        run = (int)Math.Min(length, Unit - within);
        Mark(within, run);
        return dataOffset + within;
    }

    public override void Zeros(long offset, long length)
    {
        // What a dynamic disk doesn't hold is zeros; of a differencing one it would be the parent's.
        while (IsDifferencing && length > 0)
        {
            Enter(offset / Unit);
            var within = offset % Unit;
            var part = Math.Min(length, Unit - within);
            Mark(within, part);
            offset += part;
            length -= part;
        }
    }

    public override void Complete()
    {
        Leave();
        EndChunk();
        table.Complete(tableLength);
        WriteMetadata();
        WriteStart();
        File.Resize(next);
    }

    private void Mark(long within, long length)
    {
        var sector = metadata.LogicalSectorSize;
        marks.Set(within / sector, (within + length + sector - 1) / sector);
    }

    private void Enter(long wanted)
    {
        if (wanted == block)
        {
            return;
        }

        Debug.Assert(wanted > block);
        Leave();
        if (wanted / chunkRatio != chunk)
        {
            EndChunk();
            chunk = wanted / chunkRatio;
        }

        block = wanted;
    }

    /// <summary>Decides how the block that is left is there: whole, in part, or as zeros that need no place.</summary>
    private void Leave()
    {
        if (block < 0)
        {
            return;
        }

        var sectors = Math.Min(Unit, Size - (block * Unit)) / metadata.LogicalSectorSize;
        var whole = !IsDifferencing || marks.Count == sectors;
        if (whole && dataOffset < 0)
        {
            SetEntry(block, new VhdxBatEntry(VhdxBlockState.Zero, 0));
        }
        else
        {
            // Zeros that fill a block in part have a place, which a new file holds zeros in.
            dataOffset = dataOffset < 0 ? Take(Unit) : dataOffset;
            SetEntry(block, new VhdxBatEntry(
                whole ? VhdxBlockState.FullyPresent : VhdxBlockState.PartiallyPresent, (ulong)dataOffset));
        }

        if (!whole)
        {
            if (bitmap is null)
            {
                bitmapOffset = Take(BitmapBlockSize);
                bitmap = new TableWriter(File, bitmapOffset, 0);
            }

            bitmap.Write(block % chunkRatio * marks.Bytes.Length, marks.Bytes);
        }

        marks.Clear();
        dataOffset = -1;
    }

    /// <summary>The entry of a chunk's bitmap stands behind those of its blocks.</summary>
    private void EndChunk()
    {
        if (bitmap is not null)
        {
            bitmap.Complete(BitmapBlockSize);
            var index = (chunk * (chunkRatio + 1)) + chunkRatio;
            SetIndex(index, new VhdxBatEntry(VhdxBlockState.FullyPresent, (ulong)bitmapOffset));
            bitmap = null;
        }
    }

    private void SetEntry(long payload, VhdxBatEntry entry) => SetIndex(payload + (payload / chunkRatio), entry);

    private void SetIndex(long index, VhdxBatEntry entry) => BinaryPrimitives.WriteUInt64LittleEndian(
        table.Entry(index * VhdxBatEntry.Size, VhdxBatEntry.Size), entry.Value);

    private long Take(long length)
    {
        var at = next;
        next += length;
        Reach(next);
        return at;
    }

    private void WriteMetadata()
    {
        var region = new byte[VhdxDisk.Alignment];
        metadata.Write(region);
        File.WriteAt(MetadataOffset, region);
    }

    private void WriteStart()
    {
        var start = new byte[VhdxDisk.Alignment];
        VhdxFileIdentifier.Write(start, Creator);
        var header = new VhdxHeader
        {
            SequenceNumber = 1,
            FileWriteGuid = ContentId,
            DataWriteGuid = ContentId,
            LogLength = (uint)VhdxDisk.Alignment,
            LogOffset = (ulong)LogOffset,
        };
        header.Write(start.AsSpan((int)VhdxHeader.FirstOffset));
        (header with { SequenceNumber = 2 }).Write(start.AsSpan((int)VhdxHeader.SecondOffset));
        var regions = new VhdxRegionTable(
        [
            new VhdxRegionEntry(VhdxRegionEntry.Bat, (ulong)TableOffset, (uint)tableLength, Required: true),
            new VhdxRegionEntry(VhdxRegionEntry.Metadata, (ulong)MetadataOffset, (uint)VhdxDisk.Alignment, Required: true),
        ]);
        regions.Write(start.AsSpan((int)VhdxRegionTable.FirstOffset));
        regions.Write(start.AsSpan((int)VhdxRegionTable.SecondOffset));
        File.WriteAt(0, start);
    }
}
