using System.Buffers.Binary;
using System.Text;
using Tidemark.Engine.Devices.VirtualDisks.Qcow2;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;

namespace Tidemark.Fuzz.Seeds;

/// <summary>Seeds of virtual disks as sparse files; the targets make the checksums right.</summary>
internal static class DiskSeeds
{
    private const int MiB = 1 << 20;
    private const int LogOffset = MiB;
    private const int MetadataOffset = 3 * MiB;
    private const int BatOffset = 4 * MiB;
    private const int BlockOffset = 5 * MiB;
    private static readonly Guid Id = new("00112233-4455-6677-8899-aabbccddeeff");

    public static IEnumerable<(string Target, string Name, byte[] Bytes)> All()
    {
        yield return ("vhd", "fixed", FixedVhd());
        yield return ("vhd", "dynamic", Vhd(null));
        yield return ("vhd", "differencing", Vhd("base.vhd"));
        yield return ("vhd", "own-parent", Vhd("self.vhd"));
        yield return ("vhdx", "dynamic", Vhdx(null, false));
        yield return ("vhdx", "differencing", Vhdx("base.vhdx", false));
        yield return ("vhdx", "own-parent", Vhdx("self.vhdx", false));
        yield return ("vhdx", "log", Vhdx(null, true));
        yield return ("qcow2", "alone", Qcow2(null));
        yield return ("qcow2", "backed", Qcow2("base.qcow2"));
        yield return ("qcow2", "address", Qcow2("nbd://host/export"));
    }

    /// <summary>A fixed VHD, also the parent of the others.</summary>
    public static byte[] FixedVhd()
    {
        var footer = new byte[VhdFooter.Size];
        Footer(VhdDiskType.Fixed, 64 << 10).Write(footer);
        return new SparseWriter((64 << 10) + VhdFooter.Size).Add(64 << 10, footer).ToArray();
    }

    private static byte[] Vhd(string? parent)
    {
        const int BlockSize = 64 << 10;
        const int Table = VhdFooter.Size + VhdDynamicHeader.Size;
        const int Name = Table + 512;
        const int Block = Name + 512;
        const int End = Block + 512 + BlockSize;
        var differencing = parent is not null;
        var footer = new byte[VhdFooter.Size];
        (Footer(differencing ? VhdDiskType.Differencing : VhdDiskType.Dynamic, 4 * BlockSize) with { DataOffset = VhdFooter.Size }).Write(footer);
        var name = Encoding.Unicode.GetBytes($@".\{parent}");
        var header = new byte[VhdDynamicHeader.Size];
        new VhdDynamicHeader
        {
            TableOffset = Table,
            MaxTableEntries = 4,
            BlockSize = BlockSize,
            ParentUniqueId = differencing ? Id : Guid.Empty,
            ParentName = parent ?? "",
            ParentLocators = differencing ? [new(VhdParentLocator.RelativeWindowsPath, 512, (uint)name.Length, Name)] : [],
        }.Write(header);
        var table = new byte[16];
        table.AsSpan().Fill(0xFF);
        BinaryPrimitives.WriteUInt32BigEndian(table.AsSpan(4), Block / 512);
        return new SparseWriter(End + VhdFooter.Size).Add(0, footer).Add(VhdFooter.Size, header).Add(Table, table).Add(Name, name)
            .Add(Block, [0xF0, 1]).Add(Block + 512, "content"u8).Add(End, footer).ToArray();
    }

    private static VhdFooter Footer(VhdDiskType type, long size) => new()
    {
        TimeStamp = 700_000_000,
        CreatorApplication = "win ",
        OriginalSize = (ulong)size,
        CurrentSize = (ulong)size,
        Geometry = VhdGeometry.Of(size),
        Type = type,
        UniqueId = Id,
    };

    private static byte[] Qcow2(string? backing)
    {
        const int Used = 256;
        var cluster = new byte[Qcow2Header.ReadSize];
        new Qcow2Header
        {
            DiskSize = 64 << 20,
            L1Entries = 1,
            L1Offset = 64 << 10,
            RefcountTableOffset = 128 << 10,
            RefcountTableClusters = 1,
            BackingFile = backing,
            BackingFormat = backing is null ? null : "qcow2",
            Origin = Id,
        }.TryWrite(cluster);
        return cluster[..Used];
    }

    /// <param name="parent">What its parent is called; null for a disk without.</param>
    /// <param name="log">Whether there is a log to replay.</param>
    public static byte[] Vhdx(string? parent, bool log)
    {
        var header = new VhdxHeader
        {
            SequenceNumber = 7,
            FileWriteGuid = Id,
            DataWriteGuid = Id,
            LogGuid = log ? Id : Guid.Empty,
            LogLength = MiB,
            LogOffset = LogOffset,
        };
        var headerBytes = new byte[VhdxHeader.Size];
        header.Write(headerBytes);
        var older = new byte[VhdxHeader.Size];
        (header with { SequenceNumber = 6 }).Write(older);
        var regions = new byte[VhdxRegionTable.Size];
        new VhdxRegionTable(
        [
            new VhdxRegionEntry(VhdxRegionEntry.Bat, BatOffset, MiB, true),
            new VhdxRegionEntry(VhdxRegionEntry.Metadata, MetadataOffset, MiB, true),
        ]).Write(regions);
        var table = new byte[3 * VhdxBatEntry.Size];
        var state = parent is not null ? VhdxBlockState.PartiallyPresent : VhdxBlockState.FullyPresent;
        BinaryPrimitives.WriteUInt64LittleEndian(table, new VhdxBatEntry(state, BlockOffset).Value);
        BinaryPrimitives.WriteUInt64LittleEndian(table.AsSpan(8), new VhdxBatEntry(VhdxBlockState.Zero, 0).Value);
        var writer = new SparseWriter(7 * MiB).Add(0, "vhdxfile"u8).Add(VhdxHeader.FirstOffset, headerBytes).Add(VhdxHeader.SecondOffset, older)
            .Add(VhdxRegionTable.FirstOffset, regions).Add(VhdxRegionTable.SecondOffset, regions)
            .Add(MetadataOffset, Metadata(parent)).Add(BatOffset, table).Add(BlockOffset, "content"u8);
        if (parent is not null)
        {
            // The bitmap of the first chunk: blocks of 1 MiB, 4,096 of them.
            var bitmap = new byte[VhdxBatEntry.Size];
            BinaryPrimitives.WriteUInt64LittleEndian(bitmap, new VhdxBatEntry(VhdxBlockState.FullyPresent, 6 * MiB).Value);
            writer.Add(BatOffset + (4096 * VhdxBatEntry.Size), bitmap).Add(6 * MiB, [0xF0, 1]);
        }

        return (log ? writer.Add(LogOffset, LogEntry()) : writer).ToArray();
    }

    private static byte[] Metadata(string? parent)
    {
        var region = new byte[VhdxMetadataTable.Size + 1024];
        List<VhdxMetadataEntry> entries = [];
        var at = (uint)VhdxMetadataTable.Size;
        var parameters = new byte[VhdxFileParameters.Size];
        new VhdxFileParameters(MiB, false, parent is not null).Write(parameters);
        Add(VhdxMetadataEntry.FileParameters, parameters);
        Add(VhdxMetadataEntry.VirtualDiskSize, BitConverter.GetBytes(3L * MiB));
        Add(VhdxMetadataEntry.VirtualDiskId, Id.ToByteArray());
        Add(VhdxMetadataEntry.LogicalSectorSize, BitConverter.GetBytes(512));
        Add(VhdxMetadataEntry.PhysicalSectorSize, BitConverter.GetBytes(4096));
        if (parent is not null)
        {
            Add(VhdxMetadataEntry.ParentLocator, new VhdxParentLocator(
            [
                new(VhdxParentLocator.Linkage, Id.ToString("B")),
                new(VhdxParentLocator.RelativePath, parent),
            ]).ToBytes());
        }

        new VhdxMetadataTable(entries).Write(region);
        return region;

        void Add(Guid id, byte[] bytes)
        {
            bytes.CopyTo(region, at);
            entries.Add(new VhdxMetadataEntry(id, at, (uint)bytes.Length, false, true, true));
            at += (uint)bytes.Length;
        }
    }

    /// <summary>One entry that writes a sector of the block and zeros after it.</summary>
    private static byte[] LogEntry()
    {
        const int Sector = VhdxLog.SectorSize;
        var entry = new byte[2 * Sector];
        new VhdxLogDescriptor(false, 0, Sector, BlockOffset + Sector, 100).Write(entry.AsSpan(VhdxLogEntryHeader.Size));
        var data = new byte[Sector];
        "newer content"u8.CopyTo(data);
        VhdxLogDataSector.Write(entry.AsSpan(Sector, Sector), data, BlockOffset, 100)
            .Write(entry.AsSpan(VhdxLogEntryHeader.Size + VhdxLogDescriptor.Size));
        new VhdxLogEntryHeader
        {
            EntryLength = 2 * Sector,
            SequenceNumber = 100,
            DescriptorCount = 2,
            LogGuid = Id,
            FlushedFileOffset = 7 * MiB,
            LastFileOffset = 7 * MiB,
        }.Write(entry);
        return entry;
    }
}
