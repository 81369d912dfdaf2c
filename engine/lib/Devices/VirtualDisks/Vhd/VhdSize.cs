namespace Tidemark.Engine.Devices.VirtualDisks.Vhd;

/// <summary>
/// The size of a VHD's disk, of which a footer says two things. Virtual PC and old qemu went by the geometry, everybody else
/// goes by <see cref="VhdFooter.CurrentSize"/>, and what a file says of its creator isn't always so: qemu's block/vpc.c cuts
/// off the end of such disks, with the copy of their GPT. So where the geometry counts, the disk has all that the file holds
/// of either.
/// </summary>
/// <param name="Bytes">What is taken.</param>
/// <param name="Note">Both sizes, where they differ by more than whole cylinders explain; else null.</param>
internal readonly record struct VhdSize(ulong Bytes, string? Note)
{
    /// <param name="name">The file.</param>
    /// <param name="footer">Its footer.</param>
    /// <param name="capacity">Bytes that the file has room for, in blocks or before the footer.</param>
    public static VhdSize Of(string name, VhdFooter footer, ulong capacity)
    {
        var current = footer.CurrentSize;
        var geometry = footer.Geometry == VhdGeometry.Largest ? 0 : (ulong)footer.Geometry.Bytes;
        var bytes = current;
        if (footer.CreatorApplication is "vpc " or "qemu" && geometry > 0)
        {
            var (less, more) = current < geometry && IsPossible(current) ? (current, geometry) : (geometry, current);
            bytes = !IsPossible(more) || capacity < less ? less : Math.Min(more, capacity);
        }

        return new VhdSize(bytes, IsPossible(bytes) ? TwoSizes(name, footer, current, geometry, bytes) : null);
    }

    /// <summary>Whether a disk can have that size.</summary>
    public static bool IsPossible(ulong size) => size is > 0 and <= VhdFooter.MaxDiskSize && size % VhdFooter.SectorSize == 0;

    private static string? TwoSizes(string name, VhdFooter footer, ulong current, ulong geometry, ulong bytes)
    {
        var shape = footer.Geometry;
        var cylinder = (ulong)shape.Heads * shape.SectorsPerTrack * VhdFooter.SectorSize;
        var apart = current > geometry ? current - geometry : geometry - current;
        return geometry == 0 || apart < cylinder || (IsPossible(current) && shape == VhdGeometry.Of((long)current))
            ? null
            : $"{name} states two sizes of its disk, {current} bytes and by its geometry {geometry}: {bytes} bytes are taken";
    }
}
