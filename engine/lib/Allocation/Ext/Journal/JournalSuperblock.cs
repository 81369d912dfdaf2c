using System.Buffers.Binary;
using Tidemark.Engine.Hashing;

namespace Tidemark.Engine.Allocation.Ext.Journal;

/// <summary>
/// The superblock of a jbd2 journal, big-endian as all of it (Linux, Documentation/filesystems/ext4/journal.rst; include/linux/jbd2.h).
/// Blocks are those of the journal.
/// </summary>
internal sealed class JournalSuperblock
{
    public const int Size = 1024;

    /// <summary>What each block of the journal that isn't data begins with.</summary>
    public const uint Magic = 0xC03B3998;

    private const int VersionOne = 3;
    private const int VersionTwo = 4;
    private const int ChecksumAt = 0xFC;

    private const uint ChecksumFeature = 1;
    private const uint SixtyFourBit = 2;
    private const uint AsyncCommit = 4;
    private const uint ChecksumTwo = 8;
    private const uint ChecksumThree = 0x10;
    private const uint FastCommit = 0x20;

    /// <summary>Beside those named: revoke.</summary>
    private const uint KnownIncompat = SixtyFourBit | AsyncCommit | ChecksumTwo | ChecksumThree | FastCommit | 1;

    /// <summary>JBD2_CRC32C_CHKSUM.</summary>
    private const byte Crc32CType = 4;

    /// <summary>JBD2_DEFAULT_FAST_COMMIT_BLOCKS, where the superblock doesn't say.</summary>
    private const uint DefaultFastCommitBlocks = 256;

    /// <summary>JBD2_MIN_JOURNAL_BLOCKS, which fast commits leave to the others.</summary>
    private const long MinBlocks = 1024;

    private readonly uint compat;
    private readonly uint incompat;

    private JournalSuperblock(ReadOnlySpan<byte> block)
    {
        var hasFeatures = U32(block, 4) == VersionTwo;
        compat = hasFeatures ? U32(block, 0x24) : 0;
        incompat = hasFeatures ? U32(block, 0x28) : 0;
        Sequence = U32(block, 0x18);
        Start = U32(block, 0x1C);
        First = U32(block, 0x14);
        End = U32(block, 0x10);
        Seed = Crc32C.Append(Crc32C.Start, block.Slice(0x30, 16));
        if (HasFastCommits)
        {
            var count = U32(block, 0x54);
            End -= count == 0 ? DefaultFastCommitBlocks : count;
        }
    }

    /// <summary>Where checksums start from.</summary>
    public uint Seed { get; }

    /// <summary>The first transaction that is looked for.</summary>
    public uint Sequence { get; }

    /// <summary>Where it begins; 0 where the journal is empty.</summary>
    public long Start { get; }

    /// <summary>The first block behind the superblock.</summary>
    public long First { get; }

    /// <summary>The block behind the last of the ring; fast commits follow it.</summary>
    public long End { get; }

    /// <summary>Whether commit blocks have a checksum of all their transaction's blocks.</summary>
    public bool HasTransactionChecksums => (compat & ChecksumFeature) != 0;

    public bool Has64Bit => (incompat & SixtyFourBit) != 0;

    public bool HasAsyncCommits => (incompat & AsyncCommit) != 0;

    /// <summary>Whether each block has a checksum.</summary>
    public bool HasChecksums => (incompat & (ChecksumTwo | ChecksumThree)) != 0;

    public bool HasWideChecksums => (incompat & ChecksumThree) != 0;

    public bool HasFastCommits => (incompat & FastCommit) != 0;

    /// <summary>Bytes of a tag of a descriptor block (journal_tag_bytes: the second kind of checksum got two bytes it doesn't use).</summary>
    public int TagSize => HasWideChecksums ? 16 : (Has64Bit ? 12 : 8) + (HasChecksums ? 2 : 0);

    /// <summary>Reads a superblock, with all that speaks against it.</summary>
    /// <param name="block">The first <see cref="Size"/> bytes of the journal.</param>
    /// <param name="blockSize">Bytes of a block of the file system.</param>
    /// <param name="blockCount">Blocks of the journal's file.</param>
    /// <exception cref="AllocationException">It isn't one, or isn't understood, or says that something went wrong.</exception>
    public static JournalSuperblock Read(ReadOnlySpan<byte> block, int blockSize, long blockCount)
    {
        if (U32(block, 0) != Magic || U32(block, 4) is not (VersionOne or VersionTwo))
        {
            throw new AllocationException("its journal has no superblock");
        }

        var superblock = new JournalSuperblock(block);
        var isVersionTwo = U32(block, 4) == VersionTwo;
        if (isVersionTwo && (superblock.incompat & ~KnownIncompat) is not 0 and var unknown)
        {
            throw new AllocationException($"its journal has features that aren't known here (incompat 0x{unknown:x})");
        }

        if (isVersionTwo && ((superblock.compat & ~ChecksumFeature) | U32(block, 0x2C)) is not 0 and var other)
        {
            throw new AllocationException($"its journal has features that aren't known here (0x{other:x})");
        }

        if (superblock.HasChecksums && (block[0x50] != Crc32CType || Checksum(block) != U32(block, ChecksumAt)))
        {
            throw new AllocationException("the checksum of its journal's superblock is wrong");
        }

        var kinds = (superblock.HasTransactionChecksums ? 1 : 0) + uint.PopCount(superblock.incompat & (ChecksumTwo | ChecksumThree));
        var isGood = kinds <= 1 && U32(block, 0x0C) == blockSize && U32(block, 0x10) <= blockCount
            && superblock.First >= 1 && superblock.First < superblock.End
            && (!superblock.HasFastCommits || superblock.End >= MinBlocks)
            && (superblock.Start == 0 || (superblock.Start >= superblock.First && superblock.Start < superblock.End));
        return !isGood ? throw new AllocationException("its journal's superblock contradicts itself")
            : U32(block, 0x20) != 0 ? throw new AllocationException("its journal was given up after an error; e2fsck clears that")
            : superblock;
    }

    private static uint Checksum(ReadOnlySpan<byte> block)
    {
        ReadOnlySpan<byte> zero = [0, 0, 0, 0];
        var state = Crc32C.Append(Crc32C.Start, block[..ChecksumAt]);
        return Crc32C.Append(Crc32C.Append(state, zero), block[(ChecksumAt + 4)..Size]);
    }

    private static uint U32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes[at..]);
}
