using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Fuzz.Seeds;

/// <summary>Volumes of FAT and exFAT with a folder and a file, and one of TexFAT. Checksums are left to the target.</summary>
internal static class FatSeeds
{
    private const int Sector = 512;

    public static IEnumerable<(string Target, string Name, byte[] Bytes)> All()
    {
        yield return ("fat-map", "fat12", Fat(12, 40, tableSectors: 1));
        yield return ("fat-map", "fat16", Fat(16, 4200, tableSectors: 17));
        yield return ("fat-map", "fat32", Fat(32, 60, tableSectors: 1));
        yield return ("exfat-map", "volume", Exfat(tables: 1));
        yield return ("exfat-map", "texfat", Exfat(tables: 2));
    }

    private static byte[] Fat(int bits, int sectors, int tableSectors)
    {
        var volume = new byte[sectors * Sector];
        volume[0] = 0xEB;
        BinaryPrimitives.WriteUInt16LittleEndian(volume.AsSpan(11), Sector);
        volume[13] = 1;
        volume[14] = 2;
        volume[16] = 2;
        volume[17] = (byte)(bits == 32 ? 0 : 16);
        BinaryPrimitives.WriteUInt16LittleEndian(volume.AsSpan(19), (ushort)sectors);
        volume[21] = 0xF8;
        volume[bits == 32 ? 36 : 22] = (byte)tableSectors;
        volume[bits == 32 ? 66 : 38] = 0x29;
        volume[510] = 0x55;
        volume[511] = 0xAA;
        var root = (2 + (2 * tableSectors)) * Sector;
        if (bits == 32)
        {
            volume[44] = 2;
        }

        // The root of FAT32 has cluster 2; then a folder, and a file of two clusters in it.
        var first = bits == 32 ? 3 : 2;
        uint[] entries = [0xFFFF_FFF8, uint.MaxValue, .. bits == 32 ? [uint.MaxValue] : Array.Empty<uint>(), uint.MaxValue, (uint)first + 2, uint.MaxValue, 0xFFFF_FFF7];
        for (var table = 0; table < 2; table++)
        {
            var bytes = volume.AsSpan((2 + (table * tableSectors)) * Sector);
            for (var i = 0; i < entries.Length; i++)
            {
                Set(bytes, bits, i, entries[i]);
            }
        }

        var data = root + (bits == 32 ? 0 : Sector);
        Name(volume.AsSpan(root), "FOLDER     ", 0x10, first, 0);
        var folder = volume.AsSpan(data + ((first - 2) * Sector));
        Name(folder, ".          ", 0x10, first, 0);
        Name(folder[32..], "..         ", 0x10, 0, 0);
        Encoding.Unicode.GetBytes("Along", folder[65..]);
        folder[64] = 0x41;
        folder[64 + 11] = 0x0F;
        Name(folder[96..], "FILE    TXT", 0x20, first + 1, 600);
        return new SparseWriter(volume.Length).Add(0, volume).ToArray();
    }

    private static void Set(Span<byte> table, int bits, int cluster, uint value)
    {
        switch (bits)
        {
            case 12:
                var at = table[(cluster * 3 / 2)..];
                var word = BinaryPrimitives.ReadUInt16LittleEndian(at) | ((value & 0xFFF) << (cluster % 2 * 4));
                BinaryPrimitives.WriteUInt16LittleEndian(at, (ushort)word);
                break;
            case 16:
                BinaryPrimitives.WriteUInt16LittleEndian(table[(cluster * 2)..], (ushort)value);
                break;
            default:
                BinaryPrimitives.WriteUInt32LittleEndian(table[(cluster * 4)..], value & 0x0FFF_FFFF);
                break;
        }
    }

    private static void Name(Span<byte> entry, string name, byte attributes, int cluster, int length)
    {
        Encoding.ASCII.GetBytes(name, entry);
        entry[11] = attributes;
        entry[26] = (byte)cluster;
        BinaryPrimitives.WriteInt32LittleEndian(entry[28..], length);
    }

    private static byte[] Exfat(int tables)
    {
        const int Table = 24;
        const int Heap = 32;
        const int Clusters = 20;
        var volume = new byte[(Heap + Clusters) * Sector];
        volume[0] = 0xEB;
        Encoding.ASCII.GetBytes("EXFAT   ", volume.AsSpan(3));
        volume[72] = Heap + Clusters;
        volume[80] = Table;
        volume[84] = 1;
        volume[88] = Heap;
        volume[92] = Clusters;
        volume[96] = 4;
        volume[105] = 1;
        volume[106] = (byte)(tables - 1);
        volume[108] = 9;
        volume[110] = (byte)tables;
        volume[510] = 0x55;
        volume[511] = 0xAA;
        for (var table = 0; table < tables; table++)
        {
            var links = volume.AsSpan((Table + table) * Sector);
            links[..(4 * 8)].Fill(0xFF);
            // The root folder goes on in cluster 6.
            BinaryPrimitives.WriteUInt32LittleEndian(links[(4 * 4)..], 6);
        }

        // Bitmap, up-case table, root folder, second bitmap, the rest of the root folder.
        foreach (var bitmap in new[] { 2, 5 })
        {
            volume[(Heap + bitmap - 2) * Sector] = 0x1F;
        }

        var root = volume.AsSpan((Heap + 2) * Sector);
        Place(root, 0x81, 0, 2, 3);
        Place(root[32..], 0x82, 0, 3, 60);
        root[64] = 0x83;
        for (var i = 3; i < 16; i++)
        {
            root[i * 32] = 0x05;
        }

        if (tables == 2)
        {
            Place(volume.AsSpan((Heap + 4) * Sector), 0x81, 1, 5, 3);
        }

        return new SparseWriter(volume.Length).Add(0, volume).ToArray();
    }

    private static void Place(Span<byte> entry, byte type, byte flags, byte cluster, byte length)
    {
        entry[0] = type;
        entry[1] = flags;
        entry[20] = cluster;
        entry[24] = length;
    }
}
