using System.Buffers.Binary;
using Tidemark.Engine.Allocation.Ext.Journal;

namespace Tidemark.Fuzz.Seeds;

/// <summary>
/// Ext file systems with two groups of 256 blocks of 1 KiB and a journal of 16 blocks. Checksums of superblocks are left to the
/// target; nothing else has one.
/// </summary>
internal static class ExtSeeds
{
    private const int Block = 1024;
    private const int GroupBlocks = 256;
    private const int Super = 1;
    private const int Descriptors = 2;
    private const int Bitmap = 3;
    private const int InodeTable = 5;
    private const int SecondStart = 257;
    private const int SecondBitmap = 259;
    private const int JournalStart = 20;
    private const int JournalBlocks = 16;
    private const int JournalInode = 8;
    private const int InodeSize = 128;
    private const int Inodes = 16;

    private const uint Compat = 0x4;
    private const uint Recover = 0x4;
    private const uint Extents = 0x40;

    public static IEnumerable<(string Target, string Name, byte[] Bytes)> All()
    {
        yield return ("ext-map", "clean", Sparse(Volume(Extents, hasExtents: true)));
        yield return ("ext-map", "block-map", Sparse(Volume(0, hasExtents: false)));
        var live = Volume(Extents | Recover, hasExtents: true);
        Replay(live);
        yield return ("ext-map", "journal", Sparse(live));
    }

    private static byte[] Sparse(byte[] volume) => new SparseWriter(volume.Length).Add(0, volume).ToArray();

    private static byte[] Volume(uint incompat, bool hasExtents)
    {
        var volume = new byte[((2 * GroupBlocks) + 1) * Block];
        // Each group has a superblock, descriptors, two bitmaps and two blocks of inodes; the first has the journal as well.
        var free = (GroupBlocks - 6 - JournalBlocks, GroupBlocks - 6);
        var superblock = At(volume, Super);
        foreach (var (at, value) in new (int, uint)[]
        {
            (0x00, 2 * Inodes), (0x04, (2 * GroupBlocks) + 1), (0x0C, (uint)(free.Item1 + free.Item2)), (0x14, 1), (0x20, GroupBlocks), (0x24, GroupBlocks),
            (0x28, Inodes), (0x4C, 1), (0x54, 11), (0x5C, Compat), (0x60, incompat), (0x64, 1), (0xE0, JournalInode),
        })
        {
            Little(superblock, at, value);
        }

        (superblock[0x38], superblock[0x39], superblock[0x3A], superblock[0x58]) = (0x53, 0xEF, 1, InodeSize);
        Describe(volume, 0, Bitmap, free.Item1);
        Describe(volume, 1, SecondBitmap, free.Item2);
        Use(volume, Bitmap, 0, 6);
        Use(volume, Bitmap, JournalStart - 1, JournalBlocks);
        Use(volume, SecondBitmap, 0, 6);

        var inode = At(volume, InodeTable)[((JournalInode - 1) * InodeSize)..];
        inode[0x1A] = 1;
        Little(inode, 4, JournalBlocks * Block);
        if (hasExtents)
        {
            Little(inode, 0x20, 0x80000);
            (inode[0x28], inode[0x29], inode[0x2A], inode[0x2C], inode[0x38]) = (0x0A, 0xF3, 1, 4, JournalBlocks);
            Little(inode, 0x3C, JournalStart);
        }
        else
        {
            // Twelve blocks are named by the inode, and the others by one behind the journal.
            Use(volume, Bitmap, JournalStart + JournalBlocks - 1, 1);
            Little(At(volume, Descriptors), 0x0C, (uint)free.Item1 - 1);
            Little(superblock, 0x0C, (uint)(free.Item1 + free.Item2 - 1));
            Little(inode, 0x28 + 48, JournalStart + JournalBlocks);
            for (var i = 0; i < JournalBlocks; i++)
            {
                var map = i < 12 ? inode[(0x28 + (4 * i))..] : At(volume, JournalStart + JournalBlocks)[(4 * (i - 12))..];
                Little(map, 0, (uint)(JournalStart + i));
            }
        }

        Big(At(volume, JournalStart), JournalSuperblock.Magic, 4, 0, Block, JournalBlocks, 1, 7);
        return volume;
    }

    /// <summary>A transaction that takes eight blocks, behind one that revokes what it would have written.</summary>
    private static void Replay(byte[] volume)
    {
        var journal = JournalStart;
        BinaryPrimitives.WriteUInt32BigEndian(At(volume, journal)[0x1C..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(At(volume, journal)[0x28..], 1);
        Big(At(volume, journal + 1), JournalSuperblock.Magic, 5, 7, 20, SecondBitmap);
        Big(At(volume, journal + 2), JournalSuperblock.Magic, 2, 7);
        Big(At(volume, journal + 3), JournalSuperblock.Magic, 1, 8, Descriptors, 2, SecondBitmap, 2 | 8);
        At(volume, Descriptors).CopyTo(At(volume, journal + 4));
        At(volume, SecondBitmap).CopyTo(At(volume, journal + 5));
        Use(volume, journal + 5, 50, 8);
        Little(At(volume, journal + 4), 32 + 0x0C, GroupBlocks - 6 - 8);
        Big(At(volume, journal + 6), JournalSuperblock.Magic, 2, 8);
    }

    private static void Describe(byte[] volume, int group, uint bitmap, int free)
    {
        var descriptor = At(volume, Descriptors)[(32 * group)..];
        Little(descriptor, 0, bitmap);
        Little(descriptor, 4, bitmap + 1);
        Little(descriptor, 8, bitmap + 2);
        Little(descriptor, 0x0C, (uint)free);
        At(volume, SecondStart).Clear();
    }

    private static void Use(byte[] volume, int bitmap, int first, int count)
    {
        for (var bit = first; bit < first + count; bit++)
        {
            At(volume, bitmap)[bit / 8] |= (byte)(1 << (bit % 8));
        }
    }

    private static Span<byte> At(byte[] volume, long block) => volume.AsSpan((int)block * Block, Block);

    private static void Little(Span<byte> bytes, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes[at..], value);

    private static void Big(Span<byte> bytes, params ReadOnlySpan<uint> words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(bytes[(4 * i)..], words[i]);
        }
    }
}
