using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Engine.Allocation.Lvm;

/// <summary>
/// The header of an LVM2 physical volume, behind its label (LVM2, lib/label/label.h, lib/format_text/layout.h). Places are bytes of
/// the volume.
/// </summary>
/// <param name="Id">The physical volume's UUID, 32 letters and digits.</param>
/// <param name="MetadataAreas">Where the volume group is described.</param>
/// <param name="OtherAreas">What else isn't extents: room for a boot loader.</param>
internal sealed record LvmHeader(string Id, IReadOnlyList<(long Offset, long Size)> MetadataAreas, IReadOnlyList<(long Offset, long Size)> OtherAreas)
{
    private const int SectorSize = 512;
    private const int Sectors = 4;
    private const int IdSize = 32;
    private const int ChecksumAt = 16;
    private const int OffsetAt = 20;
    private const int TypeAt = 24;
    private const int AreaSize = 16;
    private const uint ExtensionVersion = 2;

    /// <summary>Reads the header; null where there is no label.</summary>
    /// <exception cref="AllocationException">It contradicts itself.</exception>
    public static LvmHeader? TryRead(AllocationSource volume)
    {
        if (volume.Length < Sectors * SectorSize)
        {
            return null;
        }

        var start = new byte[Sectors * SectorSize];
        volume.Read(0, start);
        for (var i = 0; i < Sectors; i++)
        {
            var sector = start.AsSpan(i * SectorSize, SectorSize);
            if (sector.StartsWith("LABELONE"u8) && sector[TypeAt..].StartsWith("LVM2 001"u8))
            {
                return Parse(sector, i);
            }
        }

        return null;
    }

    private static LvmHeader Parse(ReadOnlySpan<byte> sector, int number)
    {
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(sector[OffsetAt..]);
        if (BinaryPrimitives.ReadInt64LittleEndian(sector[8..]) != number
            || BinaryPrimitives.ReadUInt32LittleEndian(sector[ChecksumAt..]) != LvmChecksum.Of(sector[OffsetAt..])
            || offset > SectorSize - IdSize - 8)
        {
            throw new AllocationException("its LVM label contradicts itself");
        }

        var header = sector[(int)offset..];
        var id = Encoding.ASCII.GetString(header[..IdSize]);
        var rest = header[(IdSize + 8)..];
        // Data areas say no more than where the first extent may begin, which the group says for itself.
        ReadAreas(ref rest);
        var metadata = ReadAreas(ref rest);
        IReadOnlyList<(long, long)> others = [];
        if (rest.Length >= 8 && BinaryPrimitives.ReadUInt32LittleEndian(rest) is not 0 and var version)
        {
            rest = rest[8..];
            others = version <= ExtensionVersion ? ReadAreas(ref rest) : throw new AllocationException($"its LVM header has version {version}");
        }

        return new LvmHeader(id, metadata, others);
    }

    /// <summary>Reads a list of areas that ends with an empty one.</summary>
    private static List<(long Offset, long Size)> ReadAreas(ref ReadOnlySpan<byte> rest)
    {
        var areas = new List<(long, long)>();
        while (rest.Length >= AreaSize)
        {
            var area = (BinaryPrimitives.ReadInt64LittleEndian(rest), BinaryPrimitives.ReadInt64LittleEndian(rest[8..]));
            rest = rest[AreaSize..];
            if (area.Item1 == 0)
            {
                return areas;
            }

            areas.Add(area);
        }

        throw new AllocationException("its LVM header contradicts itself");
    }
}
