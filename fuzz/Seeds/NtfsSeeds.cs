using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Fuzz.Seeds;

/// <summary>
/// A volume of NTFS with clusters of a sector: sixteen records, a log that was closed, a page file and a root folder with a block of
/// its index. Update sequences are left to the target.
/// </summary>
internal static class NtfsSeeds
{
    private const int Cluster = 512;
    private const int Record = 1024;
    private const int Clusters = 400;
    private const int Mft = 16;
    private const int Records = 16;
    private const int Mirror = 48;
    private const int Bitmap = 56;
    private const int IndexBlock = 58;
    private const int PageFile = 70;
    private const int Log = 80;
    private const int LogClusters = 256;
    private const uint Data = 0x80;
    private const uint Root = 0x90;
    private const uint Blocks = 0xA0;
    private const uint Bits = 0xB0;

    public static IEnumerable<(string Target, string Name, byte[] Bytes)> All()
    {
        yield return ("ntfs-map", "closed", Volume(hasList: false));
        yield return ("ntfs-map", "list", Volume(hasList: true));
    }

    private static byte[] Volume(bool hasList)
    {
        var volume = new byte[(Clusters + 1) * Cluster];
        Encoding.ASCII.GetBytes("NTFS    ", volume.AsSpan(3));
        BinaryPrimitives.WriteUInt16LittleEndian(volume.AsSpan(11), Cluster);
        volume[13] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(volume.AsSpan(40), Clusters);
        BinaryPrimitives.WriteInt64LittleEndian(volume.AsSpan(48), Mft);
        BinaryPrimitives.WriteInt64LittleEndian(volume.AsSpan(56), Mirror);
        volume[64] = 0xF6;

        Put(volume, 0, Stream(Data, "", Records * Record, (Mft, Records * 2)));
        Put(volume, 1, Stream(Data, "", 4 * Record, (Mirror, 8)));
        Put(volume, 2, Stream(Data, "", LogClusters * Cluster, (Log, LogClusters)));
        Put(volume, 3, Resident(0x70, "", [0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 0, 0]));
        Put(volume, 5,
            Resident(Root, "$I30", [0x30, 0, 0, 0, 1, 0, 0, 0, 0, 4, 0, 0, 2, 0, 0, 0, 0x10, 0, 0, 0, 0x28, 0, 0, 0, 0x28, 0, 0, 0, 1, 0, 0, 0,
                0, 0, 0, 0, 0, 0, 0, 0, 0x18, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            Stream(Blocks, "$I30", Record, (IndexBlock, 2)),
            Resident(Bits, "$I30", [1, 0, 0, 0, 0, 0, 0, 0]));
        Put(volume, 7, Stream(Data, "", 16 * Cluster, (0, 16)));
        Put(volume, 12, Stream(Data, "", 4 * Cluster, (PageFile, 4)));
        if (hasList)
        {
            // The bitmap is in record 13, as the list in record 6 says.
            var entry = new byte[32];
            entry[0] = 0x80;
            entry[4] = 32;
            entry[7] = 26;
            entry[16] = 13;
            entry[22] = 13;
            Put(volume, 6, Resident(0x20, "", entry));
            Put(volume, 13, Stream(Data, "", 56, (Bitmap, 1)));
            volume[((Mft + 26) * Cluster) + 32] = 6;
            volume[((Mft + 26) * Cluster) + 38] = 6;
        }
        else
        {
            Put(volume, 6, Stream(Data, "", 56, (Bitmap, 1)));
        }

        volume.AsSpan(Mft * Cluster, 4 * Record).CopyTo(volume.AsSpan(Mirror * Cluster));
        Folder(volume.AsSpan(IndexBlock * Cluster, Record));
        Restart(volume.AsSpan(Log * Cluster));
        Restart(volume.AsSpan((Log + 1) * Cluster));
        foreach (var (first, count) in new[] { (0, 16), (Mft, 32), (Mirror, 8), (Bitmap, 1), (IndexBlock, 2), (PageFile, 4), (Log, LogClusters), (Clusters, 48) })
        {
            for (var i = first; i < first + count; i++)
            {
                volume[(Bitmap * Cluster) + (i / 8)] |= (byte)(1 << (i % 8));
            }
        }

        return new SparseWriter(volume.Length).Add(0, volume).ToArray();
    }

    private static void Put(byte[] volume, int number, params byte[][] attributes)
    {
        var record = volume.AsSpan((Mft * Cluster) + (number * Record), Record);
        Encoding.ASCII.GetBytes("FILE", record);
        record[4] = 0x30;
        record[16] = (byte)Math.Max(number, 1);
        record[18] = 1;
        record[20] = 0x38;
        record[22] = (byte)(number == 5 ? 3 : 1);
        var at = 0x38;
        foreach (var attribute in attributes)
        {
            attribute.CopyTo(record[at..]);
            at += attribute.Length;
        }

        record.Slice(at, 4).Fill(0xFF);
        BinaryPrimitives.WriteInt32LittleEndian(record[24..], at + 8);
    }

    private static byte[] Resident(uint type, string name, byte[] value)
    {
        var start = 24 + (name.Length * 2);
        var attribute = new byte[(start + value.Length + 7) / 8 * 8];
        Head(attribute, type, name, 24);
        BinaryPrimitives.WriteInt32LittleEndian(attribute.AsSpan(16), value.Length);
        attribute[20] = (byte)start;
        value.CopyTo(attribute, start);
        return attribute;
    }

    private static byte[] Stream(uint type, string name, long size, (int Lcn, int Count) run)
    {
        byte[] pairs = [0x22, (byte)run.Count, (byte)(run.Count >> 8), (byte)run.Lcn, (byte)(run.Lcn >> 8), 0];
        var start = 64 + (name.Length * 2);
        var attribute = new byte[(start + pairs.Length + 7) / 8 * 8];
        Head(attribute, type, name, 64);
        attribute[8] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(attribute.AsSpan(24), run.Count - 1);
        attribute[32] = (byte)start;
        BinaryPrimitives.WriteInt64LittleEndian(attribute.AsSpan(40), (long)run.Count * Cluster);
        BinaryPrimitives.WriteInt64LittleEndian(attribute.AsSpan(48), size);
        BinaryPrimitives.WriteInt64LittleEndian(attribute.AsSpan(56), size);
        pairs.CopyTo(attribute, start);
        return attribute;
    }

    private static void Head(byte[] attribute, uint type, string name, int nameAt)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(attribute, type);
        BinaryPrimitives.WriteInt32LittleEndian(attribute.AsSpan(4), attribute.Length);
        attribute[9] = (byte)name.Length;
        attribute[10] = (byte)nameAt;
        Encoding.Unicode.GetBytes(name, attribute.AsSpan(nameAt));
    }

    // One entry, pagefile.sys in record 12, and the last one.
    private static void Folder(Span<byte> block)
    {
        const string Name = "pagefile.sys";
        Encoding.ASCII.GetBytes("INDX", block);
        block[4] = 0x28;
        var header = block[0x18..];
        const int First = 0x28;
        const int Length = (16 + 66 + (12 * 2) + 7) / 8 * 8;
        BinaryPrimitives.WriteInt32LittleEndian(header, First);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], First + Length + 16);
        var entry = header[First..];
        entry[0] = 12;
        entry[6] = 12;
        entry[8] = Length;
        entry[10] = 66 + (12 * 2);
        entry[16] = 5;
        entry[22] = 5;
        entry[16 + 64] = (byte)Name.Length;
        entry[16 + 65] = 3;
        Encoding.Unicode.GetBytes(Name, entry[(16 + 66)..]);
        entry[Length + 8] = 16;
        entry[Length + 12] = 2;
    }

    private static void Restart(Span<byte> page)
    {
        Encoding.ASCII.GetBytes("RSTR", page);
        page[4] = 0x1E;
        BinaryPrimitives.WriteInt32LittleEndian(page[16..], Cluster);
        BinaryPrimitives.WriteInt32LittleEndian(page[20..], Cluster);
        page[24] = 0x30;
        page[26] = 1;
        page[28] = 1;
        page[0x38] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(page[0x3A..], 0xFFFF);
        page[0x3E] = 2;
    }
}
