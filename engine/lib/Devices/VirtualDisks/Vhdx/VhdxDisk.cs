namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>A VHDX: fixed, dynamic or differencing, with sectors of 512 or 4096 bytes ([MS-VHDX]).</summary>
internal sealed class VhdxDisk : VirtualDisk
{
    /// <summary>What everything in the file is aligned to, and the size of its fixed start: 1 MiB.</summary>
    public const long Alignment = 1 << 20;

    /// <summary>Bytes of a sector bitmap block.</summary>
    private const long BitmapBlockSize = 1 << 20;

    // 16 pages of 4 KiB: each holds the bits of 16 MiB of 512-byte sectors.
    private const int BitmapPageSize = 4 << 10;
    private const int BitmapPageCount = 16;

    private readonly VhdxMetadata metadata;
    private readonly VhdxBlockTable table;
    private readonly TablePages bitmaps;
    private readonly Guid dataWriteGuid;

    internal VhdxDisk(BlockDevice file, Guid dataWriteGuid, VhdxMetadata metadata, VhdxBlockTable table)
        : base(file)
    {
        this.dataWriteGuid = dataWriteGuid;
        this.metadata = metadata;
        this.table = table;
        bitmaps = new TablePages(file, BitmapPageSize, BitmapPageCount);
        Geometry = new DeviceGeometry(metadata.DiskSize, metadata.LogicalSectorSize, metadata.PhysicalSectorSize, 1, 1);
    }

    public override string FormatName =>
        metadata.Parameters.HasParent ? "VHDX, differencing"
        : metadata.Parameters.LeaveBlocksAllocated ? "VHDX, fixed"
        : "VHDX, dynamic";

    public override Guid UniqueId => metadata.DiskId;

    public override Guid ContentId => dataWriteGuid;

    public override Guid? ParentContentId => HasParent && Linkages is [var linkage, ..] ? linkage : null;

    public override DeviceGeometry Geometry { get; }

    internal VhdxMetadata Metadata => metadata;

    internal VhdxBlockTable Table => table;

    /// <summary>Bytes of the file, its log replayed.</summary>
    internal long FileLength => File.Length;

    protected override long BlockSize => metadata.Parameters.BlockSize;

    private static ReadOnlySpan<byte> Signature => "vhdxfile"u8;

    /// <summary>True if the file begins with a VHDX's file identifier ([MS-VHDX] 2.2.1).</summary>
    public static bool IsVhdx(BlockDevice file)
    {
        Span<byte> start = stackalloc byte[8];
        if (file.Length < start.Length)
        {
            return false;
        }

        ReadMark(file, 0, start);
        return start.SequenceEqual(Signature);
    }

    /// <summary>Opens a file that begins as a VHDX; a differencing disk still has to be linked to its parent.</summary>
    public static VhdxDisk Open(BlockDevice file) => VhdxOpening.Open(file);

    internal static TidemarkException Damaged(BlockDevice file, string problem) =>
        TidemarkException.Damaged($"{file.Name} is a damaged VHDX: {problem}. Restore the file from a copy.");

    internal static TidemarkException Unsupported(BlockDevice file, string what) =>
        TidemarkException.Failed(
            $"{file.Name} is a VHDX that needs {what}; this version of Tidemark doesn't know it. "
            + "Convert the disk with the tool that made it, or use a newer Tidemark.");

    public override bool HasParent => metadata.ParentLocator is not null;

    public override IReadOnlyList<string> ParentNames => [.. new[]
    {
        metadata.ParentLocator?[VhdxParentLocator.RelativePath],
        metadata.ParentLocator?[VhdxParentLocator.VolumePath],
        metadata.ParentLocator?[VhdxParentLocator.AbsolutePath],
    }.OfType<string>()];

    protected override IEnumerable<string> OwnNotes => HasParent && Parent is not null && Linkages.Count == 0 ? [ByNameAlone()] : [];

    /// <summary>The data write GUIDs that the parent may have, those that are ids.</summary>
    private IReadOnlyList<Guid> Linkages => [.. new[]
    {
        metadata.ParentLocator?[VhdxParentLocator.Linkage], metadata.ParentLocator?[VhdxParentLocator.Linkage2],
    }.Select(text => Guid.TryParse(text, out var id) ? id : Guid.Empty).Where(KnownId.IsId)];

    internal override void Link(ParentSource parents, int depth)
    {
        if (HasParent)
        {
            Adopt(ParentSearch.Open(File, ParentNames, parents, depth, byName: Linkages.Count == 0, WhyNotParent));
        }
    }

    protected override MappedExtent Map(long offset, long limit)
    {
        var block = offset / BlockSize;
        var within = offset % BlockSize;
        var length = Math.Min(limit, BlockSize - within);
        var entry = table.Payload(block);
        switch (entry.State)
        {
            case VhdxBlockState.FullyPresent:
                return new MappedExtent(length, ExtentSource.File, PayloadOffset(entry, offset) + within);
            case VhdxBlockState.NotPresent:
                return new MappedExtent(length, metadata.Parameters.HasParent ? ExtentSource.Parent : ExtentSource.Zero);
            case VhdxBlockState.Undefined or VhdxBlockState.Zero
                or VhdxBlockState.Unmapped or VhdxBlockState.UnmappedInDrafts:
                return new MappedExtent(length, ExtentSource.Zero);
            case VhdxBlockState.PartiallyPresent when metadata.Parameters.HasParent:
                return MapPartial(entry, block, offset, length);
            default:
                throw BadBlock(offset, $"block {block} has the impossible state {(int)entry.State}");
        }
    }

    private MappedExtent MapPartial(VhdxBatEntry entry, long block, long offset, long length)
    {
        var within = offset % BlockSize;
        var payload = PayloadOffset(entry, offset);
        var chunk = block / table.ChunkRatio;
        var bitmap = table.Bitmap(chunk);
        if (bitmap.State != VhdxBlockState.FullyPresent
            || bitmap.FileOffset < Alignment
            || bitmap.FileOffset > (ulong)(File.Length - BitmapBlockSize))
        {
            throw BadBlock(offset, $"block {block} is there in part, and the bitmap that says which is not");
        }

        var sectorSize = metadata.LogicalSectorSize;
        var inChunk = offset - (chunk * VhdxBlockTable.SectorsPerChunk * sectorSize);
        var first = inChunk / sectorSize;
        var end = (inChunk + length + sectorSize - 1) / sectorSize;
        var sectors = SectorBitmap.RunAt(
            bitmaps, (long)bitmap.FileOffset, first, end - first, highBitFirst: false, out var present);
        length = Math.Min(length, ((first + sectors) * sectorSize) - inChunk);
        return present
            ? new MappedExtent(length, ExtentSource.File, payload + within)
            : new MappedExtent(length, ExtentSource.Parent);
    }

    private long PayloadOffset(VhdxBatEntry entry, long offset)
    {
        if (entry.FileOffset < Alignment || entry.FileOffset > (ulong)File.Length)
        {
            throw BadBlock(offset, $"the table places it at offset {entry.FileOffset}, outside the file");
        }

        return (long)entry.FileOffset;
    }

    /// <summary>The parent's data write GUID must be one of the two that the child names ([MS-VHDX] 2.6.2.6.3).</summary>
    private string? WhyNotParent(VirtualDisk candidate)
    {
        if (candidate is not VhdxDisk parent)
        {
            return "is not a VHDX";
        }

        if (Linkages.Count == 0 ? KnownId.IsId(parent.dataWriteGuid) : !Linkages.Contains(parent.dataWriteGuid))
        {
            return $"was changed since, or is another disk (its data is {parent.dataWriteGuid:B}, "
                + $"and {metadata.ParentLocator![VhdxParentLocator.Linkage] ?? "nothing"} is needed)";
        }

        return parent.metadata.LogicalSectorSize == metadata.LogicalSectorSize
            ? null
            : $"has sectors of {parent.metadata.LogicalSectorSize} bytes, and this disk {metadata.LogicalSectorSize}";
    }
}
