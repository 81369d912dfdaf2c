namespace Tidemark.Engine.Devices.VirtualDisks.Vhd;

/// <summary>A fixed VHD: the disk's content from the file's first byte on, and a footer behind it.</summary>
internal sealed class VhdFixedDisk(BlockDevice file, VhdFooter footer, long size, string? note) : VirtualDisk(file)
{
    public override string FormatName => "VHD, fixed";

    public override Guid UniqueId => footer.UniqueId;

    public override Guid ContentId => footer.UniqueId;

    public override DateTimeOffset? TimeStamp => VhdLimits.Time(footer.TimeStamp);

    public override DeviceGeometry Geometry { get; } = file.Geometry with
    {
        Length = size,
        LogicalSectorSize = VhdFooter.SectorSize,
        PhysicalSectorSize = VhdFooter.SectorSize,
    };

    protected override IEnumerable<string> OwnNotes => note is null ? [] : [note];

    protected override long BlockSize => Length;

    protected override MappedExtent Map(long offset, long limit) => new(limit, ExtentSource.File, offset);
}
