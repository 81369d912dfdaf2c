using System.Buffers.Binary;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Xunit;

namespace Tidemark.Harness.VirtualDisks;

/// <summary>Writes VHDX files of given content with the engine's own structures; every id is given.</summary>
internal sealed class VhdxBuilder(long size)
{
    public const int MiB = 1 << 20;
    public const int LogOffset = MiB;
    public const int MetadataOffset = 3 * MiB;
    public const int BatOffset = 4 * MiB;
    private const int FirstBlockOffset = 5 * MiB;

    private readonly SortedDictionary<long, bool[]> blocks = [];
    private readonly Dictionary<long, VhdxBlockState> states = [];
    private readonly byte[] content = new byte[size];

    public int BlockSize { get; init; } = MiB;

    public int SectorSize { get; init; } = 512;

    public int PhysicalSectorSize { get; init; } = 4096;

    public Guid DiskId { get; init; } = new("11111111-2222-3333-4444-555555555555");

    public Guid DataWriteGuid { get; init; } = new("AAAAAAAA-0000-0000-0000-000000000001");

    public VhdxParentLocator? Parent { get; init; }

    /// <summary>Set if the file has a log to replay; its 2 MiB are filled in by the caller.</summary>
    public Guid LogGuid { get; init; }

    public IReadOnlyList<VhdxRegionEntry> MoreRegions { get; init; } = [];

    public IReadOnlyList<VhdxMetadataEntry> MoreItems { get; init; } = [];

    /// <summary>Of a differencing disk: how many sectors a block has to hold to be written as whole.</summary>
    private int SectorsPerBlock => BlockSize / SectorSize;

    /// <summary>Writes whole sectors.</summary>
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        Assert.Equal(0, offset % SectorSize);
        Assert.Equal(0, data.Length % SectorSize);
        data.CopyTo(content.AsSpan((int)offset));
        for (var at = offset; at < offset + data.Length; at += SectorSize)
        {
            var block = at / BlockSize;
            states.Remove(block);
            if (!blocks.TryGetValue(block, out var present))
            {
                blocks[block] = present = new bool[SectorsPerBlock];
            }

            present[at % BlockSize / SectorSize] = true;
        }
    }

    /// <summary>Gives a whole block a state without data.</summary>
    public void SetState(long block, VhdxBlockState state)
    {
        blocks.Remove(block);
        states[block] = state;
    }

    public byte[] Build()
    {
        var chunkRatio = VhdxBlockTable.SectorsPerChunk * SectorSize / BlockSize;
        var blockCount = (content.Length + BlockSize - 1) / BlockSize;
        var bitmapOffset = FirstBlockOffset;
        var payload = FirstBlockOffset + (Parent is null ? 0 : MiB);
        var file = new byte[payload + ((long)blocks.Count * BlockSize)];
        Assert.True(blockCount <= chunkRatio, "test disks have one chunk");
        foreach (var (block, state) in states)
        {
            WriteBat(file, block, new VhdxBatEntry(state, 0));
        }

        foreach (var (block, present) in blocks.Reverse())
        {
            var whole = Parent is null || Array.TrueForAll(present, p => p);
            var state = whole ? VhdxBlockState.FullyPresent : VhdxBlockState.PartiallyPresent;
            WriteBat(file, block, new VhdxBatEntry(state, (ulong)payload));
            for (var i = 0; i < present.Length; i++)
            {
                var at = (block * BlockSize) + ((long)i * SectorSize);
                var target = file.AsSpan(payload + (i * SectorSize), SectorSize);
                if (present[i])
                {
                    content.AsSpan((int)at, SectorSize).CopyTo(target);
                    if (Parent is not null && !whole)
                    {
                        var bit = at / SectorSize;
                        file[bitmapOffset + (bit / 8)] |= (byte)(1 << (int)(bit % 8));
                    }
                }
                else if (Parent is not null)
                {
                    target.Fill(0xEE);
                }
            }

            payload += BlockSize;
        }

        if (Parent is not null)
        {
            WriteBat(file, chunkRatio, new VhdxBatEntry(VhdxBlockState.FullyPresent, (ulong)bitmapOffset));
        }

        WriteStructures(file);
        return file;
    }

    public static void WriteBat(Span<byte> file, long index, VhdxBatEntry entry) =>
        BinaryPrimitives.WriteUInt64LittleEndian(file[(int)(BatOffset + (index * VhdxBatEntry.Size))..], entry.Value);

    private void WriteStructures(byte[] file)
    {
        "vhdxfile"u8.CopyTo(file);
        var header = new VhdxHeader
        {
            SequenceNumber = 7,
            FileWriteGuid = new Guid("AAAAAAAA-0000-0000-0000-0000000000FF"),
            DataWriteGuid = DataWriteGuid,
            LogGuid = LogGuid,
            LogLength = 2 * MiB,
            LogOffset = LogOffset,
        };
        header.Write(file.AsSpan((int)VhdxHeader.FirstOffset));
        (header with { SequenceNumber = 6 }).Write(file.AsSpan((int)VhdxHeader.SecondOffset));
        var regions = new VhdxRegionTable(
        [
            new VhdxRegionEntry(VhdxRegionEntry.Bat, BatOffset, MiB, true),
            new VhdxRegionEntry(VhdxRegionEntry.Metadata, MetadataOffset, MiB, true),
            .. MoreRegions,
        ]);
        regions.Write(file.AsSpan((int)VhdxRegionTable.FirstOffset));
        regions.Write(file.AsSpan((int)VhdxRegionTable.SecondOffset));
        WriteMetadata(file.AsSpan(MetadataOffset, MiB));
    }

    private void WriteMetadata(Span<byte> region)
    {
        var entries = new List<VhdxMetadataEntry>();
        var at = (uint)VhdxMetadataTable.Size;
        Span<byte> item = stackalloc byte[16];
        new VhdxFileParameters((uint)BlockSize, false, Parent is not null).Write(item);
        Add(region, VhdxMetadataEntry.FileParameters, item[..8]);
        BinaryPrimitives.WriteInt64LittleEndian(item, content.Length);
        Add(region, VhdxMetadataEntry.VirtualDiskSize, item[..8]);
        DiskId.TryWriteBytes(item);
        Add(region, VhdxMetadataEntry.VirtualDiskId, item);
        BinaryPrimitives.WriteInt32LittleEndian(item, SectorSize);
        Add(region, VhdxMetadataEntry.LogicalSectorSize, item[..4]);
        BinaryPrimitives.WriteInt32LittleEndian(item, PhysicalSectorSize);
        Add(region, VhdxMetadataEntry.PhysicalSectorSize, item[..4]);
        if (Parent is not null)
        {
            Add(region, VhdxMetadataEntry.ParentLocator, Parent.ToBytes());
        }

        new VhdxMetadataTable([.. entries, .. MoreItems]).Write(region);

        void Add(Span<byte> target, Guid id, ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(target[(int)at..]);
            entries.Add(new VhdxMetadataEntry(id, at, (uint)bytes.Length, false, true, true));
            at += (uint)bytes.Length;
        }
    }
}
