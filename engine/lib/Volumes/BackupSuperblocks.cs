using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>Copies of superblocks and partition tables, by which what lost its beginning can still be known, and be repaired.</summary>
internal static class BackupSuperblocks
{
    /// <summary>Block groups that hold a copy under sparse_super, up to where a volume of 6 TiB ends.</summary>
    private static readonly int[] extGroups = [1, 3, 5, 7, 9, 25, 27, 49];

    /// <summary>Where btrfs keeps its copies, beside the first at 64 KiB.</summary>
    private static readonly long[] btrfsCopies = [64L << 20, 256L << 30];

    private const int BlockGroupAt = 0x5A;
    private const int BtrfsMagicAt = 0x40;

    /// <summary>mkfs.xfs makes so many allocation groups up to 4 TiB, each with a copy.</summary>
    private const int XfsGroups = 4;

    private const int XfsBlock = 4096;

    public static IEnumerable<DiskSignature> Find(VolumeView disk) =>
        Gpt(disk).Concat(Ext(disk)).Concat(Btrfs(disk)).Concat(Xfs(disk));

    /// <summary>The table at the end, and the one at the start: both count without a protective MBR, too.</summary>
    private static IEnumerable<DiskSignature> Gpt(VolumeView disk)
    {
        foreach (var sector in new[] { 512, GptTable.LargestSector })
        {
            foreach (var (lba, name) in new[] { (1L, "GPT"), ((disk.Length / sector) - 1, "copy of a GPT") })
            {
                if (GptTable.TryReadAt(disk, lba, sector) is { } table)
                {
                    yield return new DiskSignature(name, lba * sector, sector, lba != 1);
                    yield return new DiskSignature(name, table.Header.EntriesLba * sector, table.Header.TableSize, lba != 1);
                }
            }
        }
    }

    private static IEnumerable<DiskSignature> Ext(VolumeView disk)
    {
        var block = new byte[1024];
        foreach (var blockSize in new[] { 1024, 2048, 4096 })
        {
            foreach (var group in extGroups)
            {
                // A group has as many blocks as its bitmap's one block has bits; of 1 KiB, the first block is the boot sector's.
                var at = (((long)group * blockSize * 8) + (blockSize == 1024 ? 1 : 0)) * blockSize;
                if (disk.TryRead(at, block) && ExtSuperblock.TryRead(block) is { } content
                    && BinaryPrimitives.ReadUInt16LittleEndian(block.AsSpan(BlockGroupAt)) == group)
                {
                    yield return new DiskSignature($"copy of the superblock of {content.Type}", at, block.Length, IsCopy: true);
                }
            }
        }
    }

    private static IEnumerable<DiskSignature> Btrfs(VolumeView disk)
    {
        var magic = new byte[8];
        foreach (var at in btrfsCopies)
        {
            if (disk.TryRead(at + BtrfsMagicAt, magic) && magic.AsSpan().SequenceEqual("_BHRfS_M"u8))
            {
                yield return new DiskSignature("copy of the superblock of btrfs", at, 4096, IsCopy: true);
            }
        }
    }

    private static IEnumerable<DiskSignature> Xfs(VolumeView disk)
    {
        var magic = new byte[4];
        var groupBlocks = ((disk.Length / XfsBlock) + XfsGroups - 1) / XfsGroups;
        for (var group = 1; group < XfsGroups; group++)
        {
            var at = group * groupBlocks * XfsBlock;
            if (disk.TryRead(at, magic) && magic.AsSpan().SequenceEqual("XFSB"u8))
            {
                yield return new DiskSignature("copy of the superblock of XFS", at, 512, IsCopy: true);
            }
        }
    }
}
