using System.Buffers.Binary;
using System.Text;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Xunit;

namespace Tidemark.Harness.VirtualDisks;

/// <summary>Writes VHDs of given content with the engine's own structures; ids and times are given.</summary>
internal sealed class VhdBuilder(long size, Guid id)
{
    public const int Sector = VhdFooter.SectorSize;

    private readonly SortedDictionary<long, bool[]> blocks = [];
    private readonly byte[] content = new byte[size];

    public uint BlockSize { get; init; } = 64 << 10;

    public Guid? ParentId { get; init; }

    public IReadOnlyList<(uint Code, string Name)> ParentNames { get; init; } = [];

    public string ParentName { get; init; } = "";

    public string Creator { get; init; } = "win ";

    /// <summary>Where the pieces of the last built file lie.</summary>
    public static long HeaderOffset => VhdFooter.Size;

    public static long TableOffset => VhdFooter.Size + VhdDynamicHeader.Size;

    /// <summary>Writes whole sectors.</summary>
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        Assert.Equal(0, offset % Sector);
        Assert.Equal(0, data.Length % Sector);
        data.CopyTo(content.AsSpan((int)offset));
        for (var at = offset; at < offset + data.Length; at += Sector)
        {
            var block = at / BlockSize;
            if (!blocks.TryGetValue(block, out var present))
            {
                blocks[block] = present = new bool[BlockSize / Sector];
            }

            present[at % BlockSize / Sector] = true;
        }
    }

    public byte[] BuildFixed()
    {
        var file = new byte[content.Length + VhdFooter.Size];
        content.CopyTo(file, 0);
        Footer(VhdDiskType.Fixed).Write(file.AsSpan(content.Length));
        return file;
    }

    public byte[] BuildDynamic()
    {
        var footer = Footer(ParentId is null ? VhdDiskType.Dynamic : VhdDiskType.Differencing)
            with
        { DataOffset = (ulong)HeaderOffset };
        var entries = (uint)((content.Length + BlockSize - 1) / BlockSize);
        var file = new MemoryStream();
        var table = new byte[RoundUp(entries * 4, Sector)];
        Array.Fill(table, (byte)0xFF);
        file.Position = TableOffset + table.Length;

        var locators = new List<VhdParentLocator>();
        foreach (var (code, name) in ParentNames)
        {
            var data = (code == VhdParentLocator.FileUrl ? Encoding.UTF8 : Encoding.Unicode).GetBytes(name);
            var space = (int)RoundUp(data.Length, Sector);
            locators.Add(new VhdParentLocator(code, (uint)space, (uint)data.Length, (ulong)file.Position));
            Array.Resize(ref data, space);
            file.Write(data);
        }

        // Blocks lie in the file in reverse, so that nothing works by accident.
        foreach (var (block, present) in blocks.Reverse())
        {
            BinaryPrimitives.WriteUInt32BigEndian(table.AsSpan((int)block * 4), (uint)(file.Position / Sector));
            var bitmap = new byte[VhdBlockTable.BitmapSize(BlockSize)];
            var data = new byte[BlockSize];
            for (var i = 0; i < present.Length; i++)
            {
                var at = (block * BlockSize) + (i * Sector);
                if (present[i])
                {
                    bitmap[i / 8] |= (byte)(0x80 >> (i % 8));
                    content.AsSpan((int)at, Sector).CopyTo(data.AsSpan(i * Sector));
                }
                else
                {
                    // What stands in an absent sector must never be seen.
                    data.AsSpan(i * Sector, Sector).Fill(0xEE);
                }
            }

            file.Write(bitmap);
            file.Write(data);
        }

        var sector = new byte[VhdFooter.Size];
        footer.Write(sector);
        file.Write(sector);
        file.Position = 0;
        file.Write(sector);
        var header = new byte[VhdDynamicHeader.Size];
        new VhdDynamicHeader
        {
            TableOffset = (ulong)TableOffset,
            MaxTableEntries = entries,
            BlockSize = BlockSize,
            ParentUniqueId = ParentId ?? Guid.Empty,
            ParentName = ParentName,
            ParentLocators = locators,
        }.Write(header);
        file.Write(header);
        file.Write(table);
        return file.ToArray();
    }

    private VhdFooter Footer(VhdDiskType type) => new()
    {
        TimeStamp = 700_000_000,
        CreatorApplication = Creator,
        OriginalSize = (ulong)content.Length,
        CurrentSize = (ulong)content.Length,
        Geometry = VhdGeometry.Of(content.Length),
        Type = type,
        UniqueId = id,
    };

    private static long RoundUp(long value, long unit) => (value + unit - 1) / unit * unit;
}
