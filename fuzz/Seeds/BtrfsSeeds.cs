using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Fuzz.Seeds;

/// <summary>
/// Devices of a btrfs of 2 MiB with two chunks: one of system and metadata, once or twice on the device, and one of data on two
/// devices in turn. Checksums are left to the target.
/// </summary>
internal static class BtrfsSeeds
{
    private const int Node = 4096;
    private const int Superblock = 0x10000;
    private const ulong Trees = 1 << 20;
    private const ulong Data = 2 << 20;
    private const int ChunkLength = 256 << 10;
    private const string Id = "0123456789abcdef";

    public static IEnumerable<(string Target, string Name, byte[] Bytes)> All()
    {
        yield return ("btrfs-map", "leaves", Device(hasGroupTree: false, isTwice: false));
        yield return ("btrfs-map", "twice", Device(hasGroupTree: false, isTwice: true));
        yield return ("btrfs-map", "levels", Device(hasGroupTree: true, isTwice: false));
    }

    private static byte[] Device(bool hasGroupTree, bool isTwice)
    {
        var device = new byte[2 << 20];
        var blocks = hasGroupTree ? 7 : 4;
        var treesChunk = Chunk(isTwice ? 6u | 1 << 5 : 6, isTwice ? [(1, Trees), (1, Trees + ChunkLength)] : [(1, Trees)]);
        var dataChunk = Chunk(1 | 1 << 3, [(1, Trees + (2 * ChunkLength)), (2, Trees)]);
        WriteSuperblock(device.AsSpan(Superblock), (blocks * Node) + (128 << 10), hasGroupTree, treesChunk);
        Block(device, 0, 3, 0, [new(1, 216, 1, DeviceItem()), new(256, 228, Trees, treesChunk), new(256, 228, Data, dataChunk)]);
        List<Item> roots = [new(2, 132, 0, Root(3, (byte)(hasGroupTree ? 1 : 0))), new(4, 132, 0, Root(2, 0))];
        List<Item> stripes = [new(1, 204, Trees, DeviceExtent(Trees, ChunkLength))];
        if (isTwice)
        {
            stripes.Add(new(1, 204, Trees + ChunkLength, DeviceExtent(Trees, ChunkLength)));
        }

        stripes.Add(new(1, 204, Trees + (2 * ChunkLength), DeviceExtent(Data, ChunkLength / 2)));
        Block(device, 2, 4, 0, stripes);
        List<Item> groups =
            [new(Trees, 192, ChunkLength, Group(blocks * Node, isTwice ? 6u | 1 << 5 : 6)), new(Data, 192, ChunkLength, Group(128 << 10, 1 | 1 << 3))];
        var extents = Enumerable.Range(0, blocks).Select(i => new Item(Trees + ((ulong)i * Node), 169, 0, Extent()))
            .Append(new Item(Data + (64 << 10), 168, 128 << 10, Extent())).ToList();
        if (hasGroupTree)
        {
            roots.Add(new(11, 132, 0, Root(4, 0)));
            Block(device, 4, 11, 0, groups);
            Block(device, 3, 2, 1, [new(extents[0].Id, 169, 0, Child(5)), new(extents[4].Id, 169, 0, Child(6))]);
            Block(device, 5, 2, 0, extents[..4]);
            Block(device, 6, 2, 0, extents[4..]);
        }
        else
        {
            Block(device, 3, 2, 0, [.. extents.Concat(groups).OrderBy(item => item.Id).ThenBy(item => item.Type)]);
        }

        Block(device, 1, 1, 0, roots);
        return new SparseWriter(device.Length).Add(0, device).ToArray();
    }

    private static void WriteSuperblock(Span<byte> superblock, int used, bool hasGroupTree, byte[] chunk)
    {
        Text(superblock, 0x20, Id);
        Long(superblock, 0x30, Superblock);
        Long(superblock, 0x38, 1);
        Text(superblock, 0x40, "_BHRfS_M");
        Long(superblock, 0x48, 1);
        Long(superblock, 0x50, Trees + Node);
        Long(superblock, 0x58, Trees);
        Long(superblock, 0x78, (ulong)used);
        Word(superblock, 0x90, Node);
        Word(superblock, 0x94, Node);
        Word(superblock, 0xA0, (uint)(17 + chunk.Length));
        Long(superblock, 0xA4, 1);
        superblock[0xB4] = hasGroupTree ? (byte)8 : (byte)0;
        Long(superblock, 0xBC, 0x341);
        DeviceItem().CopyTo(superblock[0xC9..]);
        Key(superblock[0x32B..], 256, 228, Trees);
        chunk.CopyTo(superblock[(0x32B + 17)..]);
    }

    private static void Block(
        byte[] device, int block, ulong owner, byte level, List<Item> items)
    {
        var bytes = device.AsSpan((int)Trees + (block * Node), Node);
        Text(bytes, 32, Id);
        Long(bytes, 48, Trees + ((ulong)block * Node));
        Long(bytes, 56, 1);
        Long(bytes, 80, 1);
        Long(bytes, 88, owner);
        Word(bytes, 96, (uint)items.Count);
        bytes[100] = level;
        var end = Node - 101;
        for (var i = 0; i < items.Count; i++)
        {
            var (id, type, offset, content) = items[i];
            var place = bytes[(101 + (i * (level == 0 ? 25 : 33)))..];
            Key(place, id, type, offset);
            if (level > 0)
            {
                content.CopyTo(place[17..]);
                continue;
            }

            end -= content.Length;
            Word(place, 17, (uint)end);
            Word(place, 21, (uint)content.Length);
            content.CopyTo(bytes[(101 + end)..]);
        }
    }

    private static byte[] Chunk(uint type, (ulong Device, ulong Offset)[] stripes)
    {
        var chunk = new byte[48 + (32 * stripes.Length)];
        Long(chunk, 0, ChunkLength);
        Long(chunk, 8, 2);
        Long(chunk, 16, 64 << 10);
        Long(chunk, 24, type);
        chunk[44] = (byte)stripes.Length;
        chunk[46] = 1;
        for (var i = 0; i < stripes.Length; i++)
        {
            Long(chunk, 48 + (32 * i), stripes[i].Device);
            Long(chunk, 56 + (32 * i), stripes[i].Offset);
        }

        return chunk;
    }

    private static byte[] DeviceItem()
    {
        var item = new byte[98];
        Long(item, 0, 1);
        Long(item, 8, 2 << 20);
        Text(item, 82, Id);
        return item;
    }

    private static byte[] DeviceExtent(ulong chunk, int length)
    {
        var item = new byte[48];
        Long(item, 0, 3);
        Long(item, 8, 256);
        Long(item, 16, chunk);
        Long(item, 24, (ulong)length);
        return item;
    }

    private static byte[] Root(int block, byte level)
    {
        var item = new byte[239];
        Long(item, 160, 1);
        Long(item, 176, Trees + ((ulong)block * Node));
        item[238] = level;
        return item;
    }

    private static byte[] Child(int block)
    {
        var child = new byte[16];
        Long(child, 0, Trees + ((ulong)block * Node));
        Long(child, 8, 1);
        return child;
    }

    private static byte[] Group(int used, uint type)
    {
        var item = new byte[24];
        Long(item, 0, (ulong)used);
        Long(item, 8, 256);
        Long(item, 16, type);
        return item;
    }

    private static byte[] Extent()
    {
        var item = new byte[24];
        Long(item, 0, 1);
        Long(item, 8, 1);
        return item;
    }

    private static void Key(Span<byte> bytes, ulong id, byte type, ulong offset)
    {
        Long(bytes, 0, id);
        bytes[8] = type;
        Long(bytes, 9, offset);
    }

    private static void Long(Span<byte> bytes, int offset, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(bytes[offset..], value);

    private static void Word(Span<byte> bytes, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes[offset..], value);

    private static void Text(Span<byte> bytes, int offset, string text) => Encoding.ASCII.GetBytes(text, bytes[offset..]);

    private sealed record Item(ulong Id, byte Type, ulong Offset, byte[] Content);
}
