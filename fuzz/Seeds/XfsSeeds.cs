using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Fuzz.Seeds;

/// <summary>
/// Volumes of XFS with two allocation groups of 64 blocks of 512 bytes: one whose tree is a leaf, beside the log, and one
/// whose tree has two levels. Checksums are left to the target.
/// </summary>
internal static class XfsSeeds
{
    private const int Block = 512;
    private const int GroupBlocks = 64;
    private const int LogBlock = 16;
    private const int LogBlocks = 32;
    private const string Id = "0123456789abcdef";

    public static IEnumerable<(string Target, string Name, byte[] Bytes)> All()
    {
        yield return ("xfs-map", "unmounted", Volume(version: 5, isFrozen: false));
        yield return ("xfs-map", "frozen", Volume(version: 5, isFrozen: true));
        yield return ("xfs-map", "version4", Volume(version: 4, isFrozen: false));
    }

    private static byte[] Volume(int version, bool isFrozen)
    {
        var volume = new byte[2 * GroupBlocks * Block];
        Superblock(volume, version);
        Log(volume.AsSpan(LogBlock * Block, LogBlocks * Block), volume, isFrozen);
        Group(volume, 0, version, levels: 1, free: 8 + 16, longest: 16);
        Group(volume, 1, version, levels: 2, free: 10 + 40, longest: 40);
        TreeBlock(volume, 0, 4, version, level: 0, None, None, [(8, 8), (48, 16)]);
        ByCount(volume, 0, version, [(8, 8), (48, 16)]);
        ByCount(volume, 1, version, [(10, 10), (24, 40)]);
        TreeBlock(volume, 1, 4, version, level: 1, None, None, [(10, 10), (24, 40)], children: [8, 9]);
        TreeBlock(volume, 1, 8, version, level: 0, None, 9, [(10, 10)]);
        TreeBlock(volume, 1, 9, version, level: 0, 8, None, [(24, 40)]);
        return new SparseWriter(volume.Length).Add(0, volume).ToArray();
    }

    private const uint None = uint.MaxValue;

    private static void Superblock(Span<byte> superblock, int version)
    {
        Text(superblock, 0, "XFSB");
        Word(superblock, 4, Block);
        Word(superblock, 12, 2 * GroupBlocks);
        Text(superblock, 32, Id);
        Word(superblock, 52, LogBlock);
        Word(superblock, 84, GroupBlocks);
        Word(superblock, 88, 2);
        Word(superblock, 96, LogBlocks);
        BinaryPrimitives.WriteUInt16BigEndian(superblock[100..], (ushort)(0xB4A0 | version));
        BinaryPrimitives.WriteUInt16BigEndian(superblock[102..], Block);
        superblock[120] = 9;
        superblock[124] = 6;
        Word(superblock, 148, 24 + 50 + 4 + 2);
        Word(superblock, 200, 0x2);
    }

    private static void Group(byte[] volume, int group, int version, int levels, int free, int longest)
    {
        var start = group * GroupBlocks * Block;
        foreach (var (sector, name) in new[] { (1, "XAGF"), (2, "XAGI") })
        {
            var header = volume.AsSpan(start + (sector * Block), Block);
            Text(header, 0, name);
            Word(header, 4, 1);
            Word(header, 8, (uint)group);
            Word(header, 12, GroupBlocks);
        }

        var agf = volume.AsSpan(start + Block, Block);
        Word(agf, 16, 4);
        Word(agf, 20, 5);
        Word(agf, 28, (uint)levels);
        Word(agf, 32, 1);
        Word(agf, 40, 3);
        Word(agf, 44, 4);
        Word(agf, 48, 2);
        Word(agf, 52, (uint)free);
        Word(agf, 56, (uint)longest);
        Word(agf, 60, (uint)(levels - 1) * 2);
        Text(agf, 64, Id);
        Text(volume, start + (2 * Block) + 296, Id);
        var list = volume.AsSpan(start + (3 * Block), Block);
        if (version == 5)
        {
            Text(list, 0, "XAFL");
            Word(list, 4, (uint)group);
            Text(list, 8, Id);
        }

        Word(list, (version == 5 ? 36 : 0) + 12, 6);
        Word(list, (version == 5 ? 36 : 0) + 16, 7);
    }

    private static void ByCount(byte[] volume, int group, int version, (uint Start, uint Count)[] records)
    {
        TreeBlock(volume, group, 5, version, level: 0, None, None, records);
        volume[(((group * GroupBlocks) + 5) * Block) + 3] = (byte)'C';
    }

    private static void TreeBlock(
        byte[] volume, int group, int block, int version, int level, uint left, uint right, (uint Start, uint Count)[] records, uint[]? children = null)
    {
        var bytes = volume.AsSpan(((group * GroupBlocks) + block) * Block, Block);
        var header = version == 5 ? 56 : 16;
        Text(bytes, 0, version == 5 ? "AB3B" : "ABTB");
        Word(bytes, 4, ((uint)level << 16) | (uint)records.Length);
        Word(bytes, 8, left);
        Word(bytes, 12, right);
        if (version == 5)
        {
            Word(bytes, 20, (uint)((group * GroupBlocks) + block));
            Text(bytes, 32, Id);
            Word(bytes, 48, (uint)group);
        }

        for (var i = 0; i < records.Length; i++)
        {
            Word(bytes, header + (i * 8), records[i].Start);
            Word(bytes, header + (i * 8) + 4, records[i].Count);
        }

        for (var i = 0; i < (children?.Length ?? 0); i++)
        {
            Word(bytes, header + ((Block - header) / 12 * 8) + (i * 4), children![i]);
        }
    }

    private static void Log(Span<byte> log, ReadOnlySpan<byte> superblock, bool isFrozen)
    {
        var data = log[Block..];
        if (isFrozen)
        {
            // Start, the transaction's header, a buffer of two chunks of the superblock, both in one region, and the commit.
            Operation(ref data, 1, []);
            Operation(ref data, 0, [.. "NART"u8, .. new byte[12]]);
            Operation(ref data, 0, [0x3C, 0x12, 2, 0, 0, 0, 1, 0, .. new byte[8], 1, 0, 0, 0, 3, 0, 0, 0]);
            Operation(ref data, 0, superblock[..256]);
            Operation(ref data, 2, []);
        }
        else
        {
            Operation(ref data, 0x20, [0x6E, 0x55, 0, 0, 0, 0, 0, 0]);
        }

        Word(log, 0, 0xFEEDBABE);
        Word(log, 4, 1);
        Word(log, 8, 2);
        Word(log, 12, Block);
        Word(log, 16, 1);
        Word(log, 24, 1);
        Word(log, 40, isFrozen ? 5u : 1);
        Word(log, 300, 1);
        Text(log, 304, Id);
        Word(log, 320, 32 << 10);

        // The first word of the data is kept in the header, and the cycle stands in its place.
        log.Slice(Block, 4).CopyTo(log[44..]);
        Word(log, Block, 1);
    }

    private static void Operation(ref Span<byte> data, byte flags, scoped ReadOnlySpan<byte> region)
    {
        Word(data, 0, 0x7DE);
        Word(data, 4, (uint)region.Length);
        data[8] = 0x69;
        data[9] = flags;
        region.CopyTo(data[12..]);
        data = data[(12 + region.Length)..];
    }

    private static void Word(Span<byte> bytes, int offset, uint value) => BinaryPrimitives.WriteUInt32BigEndian(bytes[offset..], value);

    private static void Text(Span<byte> bytes, int offset, string text) => Encoding.ASCII.GetBytes(text, bytes[offset..]);
}
