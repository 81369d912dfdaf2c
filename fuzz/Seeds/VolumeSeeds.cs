using System.Buffers.Binary;
using System.Text;

namespace Tidemark.Fuzz.Seeds;

/// <summary>Seeds of volumes and partition tables: the fields that the parsers look at, written by hand.</summary>
internal static class VolumeSeeds
{
    private const int Sector = 512;

    public static IEnumerable<(string Target, string Name, byte[] Bytes)> All()
    {
        var ext = Bytes(1024, (0, 1), (0x38, 0x53), (0x39, 0xEF), (0x5C, 4), (0x60, 0x40));
        Fill(ext, 0x68, "0123456789abcdeflabel");
        var xfs = Bytes(Sector, (6, 0x10), (102, 2));
        Fill(xfs, 0, "XFSB");
        Fill(xfs, 32, "0123456789abcdef");
        Fill(xfs, 108, "label");
        var btrfs = Bytes(4096, (0x32, 1), (0xC9, 2));
        Fill(btrfs, 0x20, "0123456789abcdef");
        Fill(btrfs, 0x40, "_BHRfS_M");
        Fill(btrfs, 0x12B, "label");
        var swap = Bytes(4096, (0x400, 1));
        Fill(swap, 0x40C, "0123456789abcdeflabel");
        Fill(swap, 4086, "SWAPSPACE2");
        var luks = Bytes(Sector, (4, 0xBA), (5, 0xBE), (7, 2));
        Fill(luks, 0, "LUKS");
        Fill(luks, 24, "label");
        Fill(luks, 168, "00112233-4455-6677-8899-aabbccddeeff");
        var lvm = Bytes(4 * Sector, (Sector + 20, 32));
        Fill(lvm, Sector, "LABELONE");
        Fill(lvm, Sector + 24, "LVM2 0010123456789abcdef0123456789ABCDEF");
        (string Name, byte[] Bytes)[] volumes =
            [("ext", ext), ("xfs", xfs), ("btrfs", btrfs), ("swap", swap), ("luks", luks), ("lvm", lvm), ("ntfs", Ntfs()), ("fat", Fat()), ("exfat", Exfat())];
        foreach (var (name, bytes) in volumes)
        {
            yield return (name, "volume", bytes);
            var offset = name == "ext" ? 1024 : name == "btrfs" ? 0x10000 : 0;
            yield return ("source", name, new SparseWriter(1 << 20).Add(offset, bytes).ToArray());
        }

        yield return ("ntfs", "record", Ntfs()[(11 * Sector)..]);
        yield return ("gpt", "disk", Gpt());
        yield return ("fit", "disk", Gpt());
        yield return ("source", "gpt", new SparseWriter(Gpt().Length).Add(0, Gpt()).ToArray());
        yield return ("mbr", "logical", Mbr());
    }

    private static byte[] Ntfs()
    {
        // Clusters of one sector, records of 1 KiB, the MFT at cluster 5: $Volume is record 3.
        var volume = Bytes(13 * Sector, (12, 2), (13, 1), (48, 5), (64, 0xF6), (72, 9));
        Fill(volume, 3, "NTFS    ");
        var record = volume.AsSpan(11 * Sector);
        Encoding.ASCII.GetBytes("FILE", record);
        record[4] = 0x30;
        record[6] = 3;
        record[20] = 0x38;
        record[0x38] = 0x60;
        record[0x3C] = 0x28;
        record[0x38 + 16] = 10;
        record[0x38 + 20] = 0x18;
        Encoding.Unicode.GetBytes("label", record[0x50..]);
        record.Slice(0x60, 4).Fill(0xFF);
        return volume;
    }

    private static byte[] Fat()
    {
        var volume = Bytes(4 * Sector, (0, 0xEB), (12, 2), (13, 1), (14, 1), (16, 1), (17, 16), (20, 8), (21, 0xF8), (22, 1), (38, 0x29), (39, 7));
        Fill(volume, 43, "NO NAME    FAT12   ");
        volume[510] = 0x55;
        volume[511] = 0xAA;
        Fill(volume, 2 * Sector, "LABEL      ");
        volume[(2 * Sector) + 11] = 8;
        return volume;
    }

    private static byte[] Exfat()
    {
        var volume = Bytes(3 * Sector, (88, 2), (96, 2), (100, 7), (108, 9), (510, 0x55), (511, 0xAA), (2 * Sector, 0x83), ((2 * Sector) + 1, 5));
        Fill(volume, 3, "EXFAT   ");
        Encoding.Unicode.GetBytes("label", volume.AsSpan((2 * Sector) + 2));
        return volume;
    }

    private static byte[] Gpt()
    {
        // The target makes the checksums right.
        var disk = Bytes(8 * Sector, (446 + 4, 0xEE), (446 + 8, 1), (446 + 12, 7), (510, 0x55), (511, 0xAA));
        Header(disk.AsSpan(Sector), 1, 7, 2);
        Header(disk.AsSpan(7 * Sector), 7, 1, 2);
        var entry = disk.AsSpan(2 * Sector);
        entry[..32].Fill(0x11);
        entry[32] = 4;
        entry[40] = 6;
        Encoding.Unicode.GetBytes("data", entry[56..]);
        return disk;
    }

    private static void Header(Span<byte> header, byte own, byte other, byte entries)
    {
        Encoding.ASCII.GetBytes("EFI PART", header);
        header[10] = 1;
        header[12] = 92;
        header[24] = own;
        header[32] = other;
        header.Slice(56, 16).Fill(0x22);
        header[72] = entries;
        header[80] = 4;
        header[84] = 128;
    }

    private static byte[] Mbr()
    {
        var mbr = Bytes(Sector, (0x1B8, 0x78), (510, 0x55), (511, 0xAA));
        Entry(mbr, 0, 0x83, 8, 8);
        Entry(mbr, 1, 0x05, 32, 64);
        var first = Bytes(Sector, (510, 0x55), (511, 0xAA));
        Entry(first, 0, 0x83, 1, 8);
        Entry(first, 1, 0x05, 16, 16);
        var second = Bytes(Sector, (510, 0x55), (511, 0xAA));
        Entry(second, 0, 0x07, 1, 8);
        return new SparseWriter(1 << 17).Add(0, mbr).Add(32 * Sector, first).Add(48 * Sector, second).ToArray();
    }

    private static void Entry(Span<byte> sector, int number, byte type, uint first, uint count)
    {
        var entry = sector[(446 + (number * 16))..];
        entry[4] = type;
        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], first);
        BinaryPrimitives.WriteUInt32LittleEndian(entry[12..], count);
    }

    private static byte[] Bytes(int length, params ReadOnlySpan<(int At, int Value)> fields)
    {
        var bytes = new byte[length];
        foreach (var (at, value) in fields)
        {
            bytes[at] = (byte)value;
        }

        return bytes;
    }

    private static void Fill(byte[] bytes, int at, string text) => Encoding.ASCII.GetBytes(text, bytes.AsSpan(at));
}
