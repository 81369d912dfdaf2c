using System.Buffers.Binary;
using System.Numerics;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>What the metadata region says of the disk ([MS-VHDX] 2.6.2), every value checked.</summary>
internal sealed record VhdxMetadata(
    VhdxFileParameters Parameters,
    long DiskSize,
    Guid DiskId,
    int LogicalSectorSize,
    int PhysicalSectorSize,
    VhdxParentLocator? ParentLocator)
{
    /// <summary>The largest disk: 64 TiB ([MS-VHDX] 2.6.2.2).</summary>
    public const ulong MaxDiskSize = 64ul << 40;

    /// <summary>Items are written apart by this, which every kind of item is aligned by.</summary>
    private const int ItemAlignment = 16;

    /// <summary>Reads the region, which lies within the file.</summary>
    /// <exception cref="TidemarkException">It is damaged, or needs what this reader doesn't know.</exception>
    public static VhdxMetadata Read(BlockDevice file, VhdxRegionEntry region)
    {
        if (region.Length < VhdxMetadataTable.Size)
        {
            throw VhdxDisk.Damaged(file, "its metadata region is too short");
        }

        var buffer = new byte[VhdxMetadataTable.Size];
        file.ReadAt((long)region.Offset, buffer);
        var table = VhdxMetadataTable.Read(buffer, out var problem) ?? throw VhdxDisk.Damaged(file, problem);
        var items = new Items(file, region, Check(file, region, table));
        var parameters = VhdxFileParameters.Read(items.Take(VhdxMetadataEntry.FileParameters, "file parameters", VhdxFileParameters.Size));
        var size = BinaryPrimitives.ReadUInt64LittleEndian(items.Take(VhdxMetadataEntry.VirtualDiskSize, "disk size", sizeof(ulong)));
        var id = new Guid(items.Take(VhdxMetadataEntry.VirtualDiskId, "disk id", 16));
        var logical = BinaryPrimitives.ReadUInt32LittleEndian(
            items.Take(VhdxMetadataEntry.LogicalSectorSize, "logical sector size", sizeof(uint)));
        var physical = BinaryPrimitives.ReadUInt32LittleEndian(
            items.Take(VhdxMetadataEntry.PhysicalSectorSize, "physical sector size", sizeof(uint)));
        problem =
            !BitOperations.IsPow2(parameters.BlockSize)
                || parameters.BlockSize is < VhdxFileParameters.MinBlockSize or > VhdxFileParameters.MaxBlockSize
                ? $"its block size is {parameters.BlockSize}"
            : logical is not (512 or 4096) ? $"its logical sector size is {logical}"
            : physical is not (512 or 4096) ? $"its physical sector size is {physical}"
            : size is 0 or > MaxDiskSize || size % logical != 0 ? $"its size of {size} bytes is not possible"
            : "";
        if (problem.Length > 0)
        {
            throw VhdxDisk.Damaged(file, problem);
        }

        VhdxParentLocator? locator = null;
        if (parameters.HasParent)
        {
            locator = VhdxParentLocator.Read(items.Take(VhdxMetadataEntry.ParentLocator, "parent locator", null), out problem)
                ?? throw VhdxDisk.Damaged(file, problem);
        }

        return new VhdxMetadata(parameters, (long)size, id, (int)logical, (int)physical, locator);
    }

    /// <summary>Writes the region's table and items; the rest of the region is left as it is.</summary>
    /// <exception cref="TidemarkException">The names of the parent don't fit.</exception>
    public void Write(Span<byte> region)
    {
        List<VhdxMetadataEntry> entries = [];
        var at = (uint)VhdxMetadataTable.Size;
        Span<byte> item = stackalloc byte[16];
        Parameters.Write(item);
        Add(region, VhdxMetadataEntry.FileParameters, item[..VhdxFileParameters.Size], ofDisk: false);
        BinaryPrimitives.WriteInt64LittleEndian(item, DiskSize);
        Add(region, VhdxMetadataEntry.VirtualDiskSize, item[..sizeof(ulong)], ofDisk: true);
        DiskId.TryWriteBytes(item);
        Add(region, VhdxMetadataEntry.VirtualDiskId, item, ofDisk: true);
        BinaryPrimitives.WriteInt32LittleEndian(item, LogicalSectorSize);
        Add(region, VhdxMetadataEntry.LogicalSectorSize, item[..sizeof(uint)], ofDisk: true);
        BinaryPrimitives.WriteInt32LittleEndian(item, PhysicalSectorSize);
        Add(region, VhdxMetadataEntry.PhysicalSectorSize, item[..sizeof(uint)], ofDisk: true);
        if (ParentLocator is { } locator)
        {
            Add(region, VhdxMetadataEntry.ParentLocator, locator.ToBytes(), ofDisk: false);
        }

        new VhdxMetadataTable(entries).Write(region);

        // Which items belong to the file and which to the disk: [MS-VHDX] 2.6.2, IsVirtualDisk.
        void Add(Span<byte> target, Guid id, ReadOnlySpan<byte> bytes, bool ofDisk)
        {
            if (at + bytes.Length > target.Length)
            {
                throw TidemarkException.WrongUse("The path of the base is too long to be named in a VHDX. Put the base elsewhere.");
            }

            bytes.CopyTo(target[(int)at..]);
            entries.Add(new VhdxMetadataEntry(id, at, (uint)bytes.Length, IsUser: false, ofDisk, IsRequired: true));
            at += (uint)((bytes.Length + ItemAlignment - 1) / ItemAlignment * ItemAlignment);
        }
    }

    /// <summary>The known entries by id, after every entry was checked.</summary>
    private static Dictionary<Guid, VhdxMetadataEntry> Check(
        BlockDevice file, VhdxRegionEntry region, VhdxMetadataTable table)
    {
        var known = new Dictionary<Guid, VhdxMetadataEntry>();
        foreach (var entry in table.Entries)
        {
            if (!entry.IsKnown)
            {
                if (entry.IsRequired)
                {
                    throw VhdxDisk.Unsupported(file, $"the metadata item {entry.Id}, which it marks as required");
                }

                continue;
            }

            if (entry.Length > VhdxMetadataEntry.MaxItemLength
                || entry.Offset < VhdxMetadataTable.Size
                || (ulong)entry.Offset + entry.Length > region.Length)
            {
                throw VhdxDisk.Damaged(file, $"the metadata item {entry.Id} leaves its region");
            }

            if (!known.TryAdd(entry.Id, entry))
            {
                throw VhdxDisk.Damaged(file, $"the metadata item {entry.Id} appears twice");
            }
        }

        return known;
    }

    private sealed class Items(
        BlockDevice file, VhdxRegionEntry region, Dictionary<Guid, VhdxMetadataEntry> entries)
    {
        public byte[] Take(Guid id, string what, int? length)
        {
            if (!entries.TryGetValue(id, out var entry))
            {
                throw VhdxDisk.Damaged(file, $"its {what} is missing");
            }

            if (length is { } expected && entry.Length != expected)
            {
                throw VhdxDisk.Damaged(file, $"its {what} has {entry.Length} bytes instead of {expected}");
            }

            var item = new byte[entry.Length];
            file.ReadAt((long)region.Offset + entry.Offset, item);
            return item;
        }
    }
}
