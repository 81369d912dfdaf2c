using Tidemark.Engine.Devices.VirtualDisks.Writing;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhd;

/// <summary>Writes a fixed VHD: the disk as it is, and a footer.</summary>
internal sealed class VhdFixedWriter : DiskWriter
{
    private readonly VhdFooter footer;

    /// <param name="file">A new file.</param>
    /// <param name="footer">All of it but what the kind of disk decides.</param>
    public VhdFixedWriter(RawDevice file, VhdFooter footer)
        : base(file, (long)footer.CurrentSize)
    {
        this.footer = footer with { Type = VhdDiskType.Fixed, DataOffset = VhdFooter.NoDataOffset };
        file.Resize(Size + VhdFooter.Size);
    }

    public override long Unit => 0;

    public override long Place(long offset, int length, out int run)
    {
        run = length;
        return offset;
    }

    public override void Zeros(long offset, long length)
    {
    }

    public override void Complete()
    {
        Span<byte> sector = stackalloc byte[VhdFooter.Size];
        (footer with { UniqueId = ContentId }).Write(sector);
        File.WriteAt(Size, sector);
    }
}
