using System.Numerics;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks.Qcow2;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Tidemark.Engine.Devices.VirtualDisks.Writing;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Operations.Exports;

/// <summary>What an exported file will be: format, size of the disk, unit of allocation. Checked before a byte is written.</summary>
internal sealed class ExportLayout
{
    /// <summary>Blocks of a VHDX: small, so that little changed is little stored, and larger where the table would take a reader much memory.</summary>
    private const long VhdxBlockSize = 2 << 20;
    private const long LargeVhdxBlockSize = 32 << 20;
    private const long LargeVhdx = 2L << 40;

    /// <summary>Smaller clusters of qcow2 are possible and slow.</summary>
    private const long MinClusterSize = 4096;

    private const int LargeSector = 4096;

    /// <summary>What Azure wants of a fixed VHD: a disk of whole MiB, the footer not counted.</summary>
    private const long CloudUnit = 1 << 20;

    /// <summary>Larger steps than anybody rounds a disk to.</summary>
    private const long MaxAlign = 1L << 40;

    private readonly ImageHeader header;
    private readonly int? partition;
    private readonly long added;

    private ExportLayout(ExportFormat format, ImageHeader header, int? partition, long sourceBytes, long? align)
    {
        this.header = header;
        this.partition = partition;
        Format = format;
        SectorSize = format == ExportFormat.Raw ? 1
            : format == ExportFormat.Vhdx && header.LogicalSectorSize == LargeSector ? LargeSector
            : DeviceGeometry.DefaultSectorSize;
        var unit = align ?? SectorSize;
        if (unit <= 0 || unit > MaxAlign || unit % SectorSize != 0)
        {
            throw TidemarkException.WrongUse(
                $"A disk can't be rounded up to whole {unit} bytes: give a multiple of {SectorSize} up to {MaxAlign >> 30} GiB, such as 1M.");
        }

        DiskBytes = (sourceBytes + unit - 1) / unit * unit;
        added = align is null ? 0 : DiskBytes - sourceBytes;
    }

    public ExportFormat Format { get; }

    /// <summary>Bytes of the disk: the volume's, up to whole sectors or what was asked for.</summary>
    public long DiskBytes { get; }

    /// <summary>What the disk counts in; 1 for a raw file.</summary>
    public int SectorSize { get; }

    /// <summary>Bytes of the unit of allocation; 0 for a format without one.</summary>
    public long BlockSize { get; private set; }

    /// <summary>Bytes that a file on a base holds together; what differs is rounded to it.</summary>
    public long BaseUnit => Format == ExportFormat.Qcow2 ? BlockSize : 1;

    /// <exception cref="TidemarkException">The volume doesn't fit the format, or the request contradicts itself.</exception>
    public static ExportLayout Plan(ExportRequest request, ImageHeader header, int? partition, long sourceBytes)
    {
        var format = request.Format ?? (request.File.Descriptor is null ? ExportFormats.OfFile(request.File.Text) : ExportFormat.Raw);
        var layout = new ExportLayout(format, header, partition, sourceBytes, request.Align);
        var largest = format switch
        {
            ExportFormat.Vhd or ExportFormat.VhdFixed => VhdLimits.MaxDiskSize,
            ExportFormat.Vhdx => (long)VhdxMetadata.MaxDiskSize,
            _ => long.MaxValue,
        };
        if (layout.DiskBytes > largest)
        {
            throw TidemarkException.WrongUse(
                $"A {ExportFormats.Name(format)} file holds {largest >> 30} GiB at most, and the volume has {sourceBytes} bytes. "
                + $"Export it as {(format == ExportFormat.Vhdx ? "qcow2" : "vhdx")}.");
        }

        if (layout.DiskBytes == 0 && format != ExportFormat.Raw)
        {
            throw TidemarkException.WrongUse($"The volume is empty, and a {ExportFormats.Name(format)} file can't be. Export it as raw.");
        }

        layout.BlockSize = Block(format, request.BlockSize, layout.DiskBytes);
        return layout;
    }

    /// <summary>Whether the disk in the file counts in other sectors than the source did, which its partition table may not bear.</summary>
    private string? SectorNote => SectorSize > 1 && Format != ExportFormat.Qcow2 && header.LogicalSectorSize != SectorSize
        ? $"The source has sectors of {header.LogicalSectorSize} bytes and the disk in the file {SectorSize}: a partition table or file system that counts in sectors doesn't fit it."
        : null;

    /// <summary>What is worth knowing about the disk's size and sectors, for people.</summary>
    public IEnumerable<string> Notes => new[]
    {
        SectorNote,
        added > 0
            ? $"The disk is {added} bytes longer than its source, all zeros: a copy of a GPT isn't at its end then, which systems mend or 'sgdisk -e' moves."
            : null,
        Format == ExportFormat.VhdFixed && DiskBytes % CloudUnit != 0
            ? $"The disk has {DiskBytes} bytes, and Azure takes fixed VHDs of whole MiB only: rounded up to 1M it has {(DiskBytes + CloudUnit - 1) / CloudUnit} MiB."
            : null,
    }.OfType<string>();

    /// <param name="file">The new file.</param>
    /// <param name="parent">What it builds on; null for a file of its own.</param>
    public DiskWriter Create(RawDevice file, ParentFile? parent)
    {
        var writer = Writer(file, parent);
        writer.ContentId = ExportId.OfContent(header.ImageId, partition);
        return writer;
    }

    private DiskWriter Writer(RawDevice file, ParentFile? parent) => Format switch
    {
        ExportFormat.Raw => new RawWriter(file, DiskBytes),
        ExportFormat.VhdFixed => new VhdFixedWriter(file, Footer()),
        ExportFormat.Vhd => new VhdWriter(file, Footer(), (uint)BlockSize, parent),
        ExportFormat.Vhdx => new VhdxWriter(file, Metadata(parent)),
        _ => new Qcow2Writer(file, new Qcow2Header
        {
            ClusterBits = BitOperations.Log2((ulong)BlockSize),
            DiskSize = DiskBytes,
            BackingFile = parent?.RelativePath.Replace('\\', '/'),
            BackingFormat = parent is null ? null : "qcow2",
        }),
    };

    private static long Block(ExportFormat format, long? wanted, long diskBytes)
    {
        var (usual, smallest, largest) = format switch
        {
            ExportFormat.Vhd => ((long)VhdDynamicHeader.DefaultBlockSize, VhdLimits.SmallBlockSize, (long)VhdDynamicHeader.DefaultBlockSize),
            ExportFormat.Vhdx => (
                diskBytes < LargeVhdx ? VhdxBlockSize : LargeVhdxBlockSize, (long)VhdxFileParameters.MinBlockSize, (long)VhdxFileParameters.MaxBlockSize),
            ExportFormat.Qcow2 => (1L << Qcow2Header.DefaultClusterBits, MinClusterSize, 1L << Qcow2Header.MaxClusterBits),
            _ => (0, 0, 0),
        };
        var size = wanted ?? usual;
        var possible = usual == 0 ? wanted is null
            : BitOperations.IsPow2(size) && size >= smallest && size <= largest
                && (format != ExportFormat.Vhd || size == smallest || size == largest);
        return possible ? size
            : usual == 0 ? throw TidemarkException.WrongUse($"A {ExportFormats.Name(format)} file has no blocks. Leave their size out.")
            : throw TidemarkException.WrongUse(
                $"Blocks of {size} bytes aren't possible in a {ExportFormats.Name(format)} file: give "
                + (format == ExportFormat.Vhd ? $"{smallest} or {largest}." : $"a power of two from {smallest} to {largest}."));
    }

    /// <summary>
    /// The creator is Windows', since qemu and others take the size of disks by unknown creators from their geometry, which
    /// rounds it down; with it everybody reads the size itself.
    /// </summary>
    private VhdFooter Footer() => new()
    {
        TimeStamp = VhdLimits.TimeStamp(header.Created),
        OriginalSize = (ulong)DiskBytes,
        CurrentSize = (ulong)DiskBytes,
        Geometry = VhdGeometry.Of(DiskBytes),
    };

    /// <summary>A VHDX knows two sectors, of which the logical one may be the larger ([MS-VHDX] 2.6.2.4, 2.6.2.5): it is as it was.</summary>
    private int PhysicalSectorSize =>
        header.PhysicalSectorSize == DeviceGeometry.DefaultSectorSize ? DeviceGeometry.DefaultSectorSize : LargeSector;

    private VhdxMetadata Metadata(ParentFile? parent) => new(
        new VhdxFileParameters((uint)BlockSize, LeaveBlocksAllocated: false, HasParent: parent is not null),
        DiskBytes,
        ExportId.OfDisk(header.ChainId, partition),
        SectorSize,
        PhysicalSectorSize,
        parent is null ? null : VhdxParentLocator.Of(parent));
}
