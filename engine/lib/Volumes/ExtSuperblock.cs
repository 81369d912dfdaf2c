using System.Buffers.Binary;

namespace Tidemark.Engine.Volumes;

/// <summary>The superblock of ext2, ext3 and ext4 (Linux, Documentation/filesystems/ext4/super.rst).</summary>
internal static class ExtSuperblock
{
    private const int Offset = 1024;
    private const int Size = 1024;
    private const ushort Magic = 0xEF53;

    /// <summary>Log of block size over 1 KiB at most: 64 KiB.</summary>
    private const uint MaxLogBlockSize = 6;

    private const uint CompatHasJournal = 0x4;
    private const uint IncompatJournalDevice = 0x8;

    /// <summary>What ext2 and ext3 know: filetype, recover, meta_bg; a volume with more is ext4.</summary>
    private const uint IncompatOfExt3 = 0x2 | 0x4 | 0x10;

    /// <summary>What ext2 and ext3 know: sparse_super, large_file, btree_dir.</summary>
    private const uint RoCompatOfExt3 = 0x1 | 0x2 | 0x4;

    public static VolumeContent? TryRead(VolumeView volume)
    {
        Span<byte> superblock = stackalloc byte[Size];
        return volume.TryRead(Offset, superblock) ? TryRead(superblock) : null;
    }

    public static VolumeContent? TryRead(ReadOnlySpan<byte> superblock)
    {
        if (superblock.Length < Size
            || BinaryPrimitives.ReadUInt16LittleEndian(superblock[0x38..]) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(superblock[0x18..]) > MaxLogBlockSize)
        {
            return null;
        }

        var compat = BinaryPrimitives.ReadUInt32LittleEndian(superblock[0x5C..]);
        var incompat = BinaryPrimitives.ReadUInt32LittleEndian(superblock[0x60..]);
        var roCompat = BinaryPrimitives.ReadUInt32LittleEndian(superblock[0x64..]);
        // A journal of its own has no inodes; a file system has.
        if ((incompat & IncompatJournalDevice) == 0 && BinaryPrimitives.ReadUInt32LittleEndian(superblock) == 0)
        {
            return null;
        }

        var type = (incompat & IncompatJournalDevice) != 0 ? "jbd"
            : (incompat & ~IncompatOfExt3) != 0 || (roCompat & ~RoCompatOfExt3) != 0 ? "ext4"
            : (compat & CompatHasJournal) != 0 ? "ext3"
            : "ext2";

        // The journal is an inode of the volume, or else a device, by its number. One that says both is taken by no driver.
        var journalInode = BinaryPrimitives.ReadUInt32LittleEndian(superblock[0xE0..]);
        var journalDevice = BinaryPrimitives.ReadUInt32LittleEndian(superblock[0xE4..]);
        var isElsewhere = (compat & CompatHasJournal) != 0 && (journalInode == 0 || journalDevice != 0);

        // One family for the identity: a volume upgraded from ext3 to ext4 keeps its UUID and stays the same source.
        return VolumeContent.Of(type, "ext", DiskText.Uuid(superblock.Slice(0x68, 16)), DiskText.Utf8(superblock.Slice(0x78, 16))) with
        {
            Elsewhere = type == "jbd" ? "it is the journal of a file system on another device"
                : isElsewhere ? "its journal is on another device"
                : null,
        };
    }
}
