using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Devices.VirtualDisks.Qcow2;
using Tidemark.Engine.Devices.VirtualDisks.Writing;
using Tidemark.Engine.Images;

namespace Tidemark.Engine.Operations.Exports;

/// <summary>
/// A file that an export builds on, and the image it holds. It says so itself: its id is derived from the image's. A hypervisor
/// that writes to a VHDX changes that id; to a VHD or qcow2 file it may not, so whoever ran a machine on one compares it
/// first (<c>verify --against</c>).
/// </summary>
/// <param name="Image">The image that the base was exported from.</param>
/// <param name="DiskBytes">Size of the disk in it.</param>
/// <param name="Parent">How the new file names it.</param>
internal sealed record ExportBase(ImageReader Image, long DiskBytes, ParentFile Parent)
{
    /// <param name="path">The base.</param>
    /// <param name="child">The file that will name it.</param>
    /// <param name="format">The format of both.</param>
    /// <param name="chain">The chain that both are of.</param>
    /// <param name="partition">Which partition both hold; null for the whole volume.</param>
    /// <exception cref="TidemarkException">It can't be a base, with the reason.</exception>
    public static ExportBase Open(string path, string child, ExportFormat format, Chain chain, int? partition)
    {
        if (Path.GetFullPath(path) == Path.GetFullPath(child))
        {
            throw TidemarkException.WrongUse($"{path} can't be its own base.");
        }

        using var file = RawDevice.OpenRead(path);
        var (id, stamp, bytes) = format switch
        {
            ExportFormat.Vhd or ExportFormat.Vhdx => OfVirtualDisk(file, format),
            ExportFormat.Qcow2 => OfQcow2(file),
            _ => throw TidemarkException.WrongUse("Only vhd, vhdx and qcow2 can build on a base. Leave the base out, or give one of these formats."),
        };
        var image = chain.Members.Select(m => m.Image).OfType<ImageReader>()
            .FirstOrDefault(i => ExportId.OfContent(i.Header.ImageId, partition) == id)
            ?? throw TidemarkException.WrongUse(
                $"{path} isn't what was exported from an image of {chain.Folder.Name}{(partition is { } p ? $", partition {p}" : "")}, "
                + "or was changed since. Export an image anew and give that as the base.");
        var relative = Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(child))!, Path.GetFullPath(path));
        return new ExportBase(image, bytes, new ParentFile(id, stamp, relative, Path.GetFullPath(path)));
    }

    private static (Guid Id, uint Stamp, long Bytes) OfVirtualDisk(RawDevice file, ExportFormat format)
    {
        var disk = VirtualDisk.Parse(file);
        var kind = format == ExportFormat.Vhdx ? "VHDX" : "VHD";
        return disk is not null && disk.FormatName.StartsWith(kind + ",", StringComparison.Ordinal)
            ? (disk.ContentId, disk is { TimeStamp: { } time } ? Devices.VirtualDisks.Vhd.VhdLimits.TimeStamp(time) : 0, disk.Length)
            : throw TidemarkException.WrongUse($"{file.Name} is no {kind}, and a base is of the same format as what builds on it.");
    }

    private static (Guid Id, uint Stamp, long Bytes) OfQcow2(RawDevice file)
    {
        var header = Qcow2File.TryReadHeader(file)
            ?? throw TidemarkException.WrongUse($"{file.Name} is no qcow2 file, and a base is of the same format as what builds on it.");
        return (header.Origin ?? Guid.Empty, 0, header.DiskSize);
    }
}
