using System.Text;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// Records that are known by a few bytes at a fixed place, as libblkid knows them (util-linux, libblkid/src/superblocks).
/// What of them is parsed for more than its name has a class of its own.
/// </summary>
internal static class MagicTable
{
    /// <summary>How the names of copies begin.</summary>
    private const string Second = "second ";

    /// <summary>Sectors before the end in which Promise's controllers put theirs (libblkid, promise_raid.c).</summary>
    private static readonly int[] promiseSectors = [16, 63, 255, 256, 399, 591, 675, 735, 911, 951, 974, 991, 3087];

    /// <summary>Where LUKS2 puts its second header, by the size of the first (LUKS2 On-Disk Format, section 2.2).</summary>
    private static readonly long[] luksSecondHeaders =
        [0x4000, 0x8000, 0x10000, 0x20000, 0x40000, 0x80000, 0x100000, 0x200000, 0x400000];

    private static readonly Magic[] all =
    [
        // Encryption.
        new("BitLocker volume", 3, "-FVE-FS-"),
        Hex("BitLocker To Go volume", 424, "3BD66749292ED84A8399F6A339E3D001"),
        .. luksSecondHeaders.Select(at => new Magic("second header of LUKS2", at, "SKUL\u00BA\u00BE")),

        // File systems.
        new("ReFS volume", 3, "ReFS\0\0\0\0"),
        new("APFS container", 32, "NXSB"),
        new("HFS+ volume", 1024, "H+\0\u0004"),
        new("HFSX volume", 1024, "HX\0\u0005"),
        new("second header of HFS+", -1024, "H+\0\u0004"),
        new("second header of HFSX", -1024, "HX\0\u0005"),
        Hex("F2FS volume", 1024, "1020F5F2"),
        Hex("second superblock of F2FS", 4096 + 1024, "1020F5F2"),
        new("ISO 9660 file system", 32769, "CD001"),
        new("UDF file system", 32769, "BEA01"),
        new("UDF file system", 32769, "NSR0"),
        Hex("bcachefs volume", 4096 + 24, "C68573F666CE90A9D96A60CF803DF7EF"),
        new("ReiserFS volume", 65536 + 52, "ReIsEr"),
        new("ReiserFS volume", 8192 + 52, "ReIsEr"),
        new("Reiser4 volume", 65536, "ReIsEr4"),
        new("JFS volume", 32768, "JFS1"),
        Hex("GFS2 volume", 65536, "01161970"),
        new("OCFS2 volume", 1024, "OCFSV2"),
        new("OCFS2 volume", 2048, "OCFSV2"),
        new("OCFS2 volume", 4096, "OCFSV2"),
        new("OCFS2 volume", 8192, "OCFSV2"),
        Hex("UFS2 volume", 65536 + 1372, "19015419"),
        Hex("UFS1 volume", 8192 + 1372, "54190100"),
        Hex("HPFS volume", 8192, "49E895F9"),
        Hex("EROFS file system", 1024, "E2E1F5E0"),
        new("SquashFS file system", 0, "hsqs"),
        Hex("cramfs file system", 0, "453DCD28"),
        new("romfs file system", 0, "-rom1fs-"),
        Hex("VMFS datastore", 2 << 20, "5EF1AB2F"),
        Hex("VMFS member", 1 << 20, "0DD001C0"),
        new("second boot sector of NTFS", -512 + 3, "NTFS    "),
        new("second boot sector of exFAT", (12 * 512) + 3, "EXFAT   "),
        new("second boot sector of FAT32", (6 * 512) + 82, "FAT32   "),

        // What volumes and arrays are made of.
        Hex("bcache device", 4096 + 24, "C68573F64E1A45CA8265F57F48BA6D81"),
        new("BlueStore device of Ceph", 0, "bluestore block device"),
        new("VDO volume", 0, "dmvdo001"),
        new("Stratis pool member", 516, "!Stra0tis\u0086\u00FF\u0002^Arh"),
        new("Stratis pool member", 4612, "!Stra0tis\u0086\u00FF\u0002^Arh"),
        new("LVM1 member", 0, "HM\u0001\0"),
        new("LVM1 member", 0, "HM\u0002\0"),
        new("Windows dynamic disk", 6 * 512, "PRIVHEAD"),
        new("Windows dynamic disk", -512, "PRIVHEAD"),
        new("Storage Spaces member", 4096, "SPACEDB "),
        Hex("DRBD device", -4096 + 60, "8374026B"),
        Hex("DRBD device", -4096 + 60, "8374026C"),
        Hex("DRBD device", -4096 + 60, "8374026D"),

        // Arrays of controllers: at the end, in sectors of 512 and 4096 bytes.
        new("Intel RAID (IMSM) record", -2 * 512, "Intel Raid ISM Cfg Sig. "),
        new("Intel RAID (IMSM) record", -2 * 4096, "Intel Raid ISM Cfg Sig. "),
        Hex("DDF RAID record", -512, "DE11DE11"),
        Hex("DDF RAID record", -4096, "DE11DE11"),
        Hex("DDF RAID record", -257 * 512, "DE11DE11"),
        Hex("DDF RAID record", -512, "11DE11DE"),
        Hex("DDF RAID record", -257 * 512, "11DE11DE"),
        new("NVIDIA RAID record", -2 * 512, "NVIDIA"),
        new("LSI RAID record", -512, "$XIDE$"),
        Hex("Adaptec RAID record", -512, "37FC4D1E"),
        Hex("Silicon Image RAID record", -512 + 0x60, "0000002F"),
        Hex("HighPoint RAID record", -11 * 512, "F316785A"),
        Hex("HighPoint RAID record", -11 * 512, "FD16785A"),
        Hex("HighPoint RAID record", 4608 + 32, "F016785A"),
        Hex("HighPoint RAID record", 4608 + 32, "FD16785A"),
        .. promiseSectors.Select(sector => new Magic("Promise RAID record", -sector * 512L, "Promise Technology, Inc.")),

        // Hibernation takes the place of the swap header's end, by the page's size.
        .. new[] { 4096, 8192, 16384, 65536 }.SelectMany(page => new[] { "SWAP-SPACE", "S1SUSPEND", "S2SUSPEND", "ULSUSPEND", "LINHIB0001" }
            .Select(text => new Magic(text == "SWAP-SPACE" ? "swap space" : "swap space with a suspended system", page - 10, text))),

        // Partition tables of other systems.
        new("Apple partition map", 512, "PM\0\0"),
        Hex("BSD disk label", 512, "57455682"),
        Hex("BSD disk label", 64, "57455682"),
        Hex("SGI disk label", 0, "0BE5A941"),
        Hex("Sun disk label", 508, "DABE"),

        // Disk files that were written to a device.
        new("qcow2 disk file", 0, "QFI\u00FB"),
        new("VHDX disk file", 0, "vhdxfile"),
        new("VMDK disk file", 0, "KDMV"),
        new("VHD disk file", -512, "conectix"),
    ];

    /// <summary>The records of the table that are there, in the table's order.</summary>
    public static IEnumerable<DiskSignature> Find(VolumeView disk)
    {
        var there = new byte[all.Max(magic => magic.Bytes.Length)];
        foreach (var magic in all)
        {
            var at = magic.PlaceOn(disk.Length);
            if (disk.TryRead(at, there.AsSpan(0, magic.Bytes.Length)) && there.AsSpan().StartsWith(magic.Bytes))
            {
                yield return new DiskSignature(magic.Name, at, magic.Bytes.Length, magic.Name.StartsWith(Second, StringComparison.Ordinal));
            }
        }
    }

    private static Magic Hex(string name, long offset, string bytes) => new(name, offset, Convert.FromHexString(bytes));

    /// <param name="Offset">From the disk's start; where it is negative, from the end of its last whole sector of 512 bytes.</param>
    private sealed record Magic(string Name, long Offset, byte[] Bytes)
    {
        private const int Sector = 512;

        public Magic(string name, long offset, string text)
            : this(name, offset, Encoding.Latin1.GetBytes(text))
        {
        }

        public long PlaceOn(long length) => Offset >= 0 ? Offset : (length / Sector * Sector) + Offset;
    }
}
