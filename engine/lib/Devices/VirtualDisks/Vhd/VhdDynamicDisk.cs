namespace Tidemark.Engine.Devices.VirtualDisks.Vhd;

/// <summary>
/// A dynamic or differencing VHD. In a dynamic disk a sector without its bit was never written and is zero; in a
/// differencing disk it is the parent's (specification 1.0, "Data Blocks").
/// </summary>
internal sealed class VhdDynamicDisk : VirtualDisk
{
    // 16 pages of 4 KiB hold the bitmaps of 16 blocks wherever they lie.
    private const int BitmapPageSize = 4 << 10;
    private const int BitmapPageCount = 16;

    private readonly VhdFooter footer;
    private readonly VhdDynamicHeader header;
    private readonly VhdBlockTable table;
    private readonly TablePages bitmaps;
    private readonly long bitmapSize;
    private readonly ExtentSource elsewhere;

    private readonly string? sizeNote;

    public VhdDynamicDisk(
        BlockDevice file, VhdFooter footer, VhdDynamicHeader header, VhdBlockTable table, long size, string? sizeNote)
        : base(file)
    {
        this.footer = footer;
        this.header = header;
        this.table = table;
        this.sizeNote = sizeNote;
        bitmaps = new TablePages(file, BitmapPageSize, BitmapPageCount);
        bitmapSize = VhdBlockTable.BitmapSize(header.BlockSize);
        elsewhere = footer.Type == VhdDiskType.Differencing ? ExtentSource.Parent : ExtentSource.Zero;
        Geometry = DeviceGeometry.OfBytes(size);
    }

    public override string FormatName => elsewhere == ExtentSource.Parent ? "VHD, differencing" : "VHD, dynamic";

    public override Guid UniqueId => Parent?.UniqueId ?? footer.UniqueId;

    public override Guid ContentId => footer.UniqueId;

    public override Guid? ParentContentId => HasParent && KnownId.IsId(header.ParentUniqueId) ? header.ParentUniqueId : null;

    public override bool HasParent => elsewhere == ExtentSource.Parent;

    /// <summary>Relative names first: they survive a move of the chain.</summary>
    public override IReadOnlyList<string> ParentNames
    {
        get
        {
            var names = new List<string>();
            foreach (var code in (ReadOnlySpan<uint>)
                [VhdParentLocator.RelativeWindowsPath, VhdParentLocator.AbsoluteWindowsPath, VhdParentLocator.FileUrl])
            {
                foreach (var locator in header.ParentLocators)
                {
                    if (locator.PlatformCode == code && locator.ReadName(File) is { Length: > 0 } name)
                    {
                        names.Add(name);
                    }
                }
            }

            if (header.ParentName.Length > 0)
            {
                names.Add(header.ParentName);
            }

            return names;
        }
    }

    public override DateTimeOffset? TimeStamp => VhdLimits.Time(footer.TimeStamp);

    public override DeviceGeometry Geometry { get; }

    protected override long BlockSize => header.BlockSize;

    protected override IEnumerable<string> OwnNotes =>
        new[] { sizeNote, Parent is not null && ParentContentId is null ? ByNameAlone() : null }.OfType<string>();

    internal override void Link(ParentSource parents, int depth)
    {
        if (HasParent)
        {
            Adopt(ParentSearch.Open(File, ParentNames, parents, depth, byName: ParentContentId is null, WhyNotParent));
        }
    }

    protected override MappedExtent Map(long offset, long limit)
    {
        var block = offset / BlockSize;
        var within = offset % BlockSize;
        var length = Math.Min(limit, BlockSize - within);
        var bitmapOffset = table.BitmapOffset(block);
        if (bitmapOffset < 0)
        {
            return new MappedExtent(length, elsewhere);
        }

        if (bitmapOffset + bitmapSize > File.Length)
        {
            throw BadBlock(offset, $"the table places block {block} behind the end of the file");
        }

        var first = within / VhdFooter.SectorSize;
        var end = (within + length + VhdFooter.SectorSize - 1) / VhdFooter.SectorSize;
        var sectors = SectorBitmap.RunAt(bitmaps, bitmapOffset, first, end - first, highBitFirst: true, out var present);
        length = Math.Min(length, ((first + sectors) * VhdFooter.SectorSize) - within);
        return present
            ? new MappedExtent(length, ExtentSource.File, bitmapOffset + bitmapSize + within)
            : new MappedExtent(length, elsewhere);
    }

    private string? WhyNotParent(VirtualDisk candidate)
    {
        var id = candidate.ContentId;
        return candidate is VhdFixedDisk or VhdDynamicDisk
            ? id == header.ParentUniqueId || (ParentContentId is null && !KnownId.IsId(id)) ? null : $"is another disk ({id}, and {header.ParentUniqueId} is needed)"
            : "is not a VHD";
    }
}
