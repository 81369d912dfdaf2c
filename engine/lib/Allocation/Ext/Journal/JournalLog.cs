using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Ext.Journal;

/// <summary>
/// The committed transactions of a journal, as jbd2 takes them at recovery (Linux, fs/jbd2/recovery.c): found and checked once,
/// then read as often as somebody looks for blocks.
/// </summary>
internal sealed class JournalLog
{
    private const int DescriptorType = 1;
    private const int CommitType = 2;
    private const int RevokeType = 5;

    private const int TailSize = 4;
    private const int RevokeHeader = 16;

    // Of a commit block: type and size of its checksum, that, and seconds since 1970.
    private const int CommitTypeAt = 0x0C;
    private const int CommitSumAt = 0x10;
    private const int CommitTimeAt = 0x30;
    private const byte Crc32Type = 1;
    private const byte Crc32Size = 4;

    // Tags of fast commits (Linux, fs/ext4/fast_commit.h), little-endian: the head says which transaction it follows.
    private const ushort FastTail = 8;
    private const ushort FastHead = 9;
    private const int FastSequenceAt = 8;

    private readonly ExtBlocks blocks;
    private readonly ExtInode file;
    private readonly JournalSuperblock journal;
    private readonly byte[] block;
    private readonly byte[] data;
    private readonly List<JournalTag> tags = [];

    /// <exception cref="AllocationException">The journal contradicts itself, or recovery would fail.</exception>
    public JournalLog(ExtBlocks blocks, ExtInode file, JournalSuperblock journal)
    {
        this.blocks = blocks;
        this.file = file;
        this.journal = journal;
        block = new byte[blocks.BlockSize];
        data = new byte[blocks.BlockSize];
        EndSequence = journal.Start == 0 ? journal.Sequence : FindEnd();
        if (journal.HasFastCommits)
        {
            CheckFastCommits();
        }
    }

    /// <summary>The transaction behind the last that was committed.</summary>
    public uint EndSequence { get; }

    /// <summary>Puts those blocks into an overlay that recovery would write and that are wanted.</summary>
    public void Collect(Predicate<long> isWanted, JournalOverlay overlay)
    {
        var revoked = new Dictionary<long, uint>();
        Walk((type, sequence, _) =>
        {
            if (type == RevokeType)
            {
                Revoke(sequence, isWanted, revoked);
            }
        });
        Walk((type, sequence, next) =>
        {
            foreach (var tag in type == DescriptorType ? tags : [])
            {
                // A block is revoked up to and with the transaction that says so.
                if (isWanted(tag.Block) && (!revoked.TryGetValue(tag.Block, out var until) || IsAfter(sequence, until)))
                {
                    overlay.Set(tag.Block, file.BlockOf(next), tag.IsEscaped);
                }

                next = Wrapped(next + 1);
            }
        });
    }

    /// <summary>Goes through the blocks of committed transactions that aren't data: type, transaction, the next block.</summary>
    private void Walk(Action<int, uint, long> visit)
    {
        var visited = 0L;
        var sequence = journal.Sequence;
        for (var at = journal.Start; at != 0 && sequence != EndSequence;)
        {
            var type = ReadControl(at, sequence);
            visited += 1 + (type == DescriptorType ? tags.Count : 0);
            if (type == 0 || visited > journal.End)
            {
                throw new AllocationException("its journal changes while it is read");
            }

            at = Wrapped(at + 1);
            visit(type, sequence, at);
            at = type == DescriptorType ? Wrapped(at + tags.Count) : at;
            sequence += type == CommitType ? 1U : 0;
        }
    }

    /// <summary>Finds the end of what was committed, and checks all of it.</summary>
    private uint FindEnd()
    {
        var (sequence, at, visited) = (journal.Sequence, journal.Start, 0L);
        var (isStale, isDamaged, lastTime, sum) = (false, false, 0UL, uint.MaxValue);
        uint? end = null;
        while (ReadControl(at, sequence) is not 0 and var type)
        {
            visited += 1 + (type == DescriptorType ? tags.Count : 0);
            if (visited > journal.End)
            {
                throw new AllocationException("its journal has no end");
            }

            if (journal.HasFastCommits && at < journal.Start)
            {
                // Until Linux 6.5 recovery took the ring for longer than what had written it.
                throw new AllocationException("its journal has to be replayed, turns around and has room for fast commits, which not all systems read alike");
            }

            at = Wrapped(at + 1);
            if (type != CommitType)
            {
                isStale |= !IsTailRight();
                if (type == DescriptorType && !isStale && end is null)
                {
                    isDamaged |= !IsDataRight(at, sequence, ref sum);
                }

                at = type == DescriptorType ? Wrapped(at + tags.Count) : at;
                continue;
            }

            var time = BinaryPrimitives.ReadUInt64BigEndian(block.AsSpan(CommitTimeAt));
            var isRight = IsCommitRight(sum);
            if ((isStale || !isRight) && time < lastTime)
            {
                // Left from an earlier turn of the ring.
                break;
            }

            if (isStale || isDamaged || end is not null || (!isRight && !journal.HasAsyncCommits))
            {
                throw new AllocationException($"transaction {sequence} of its journal is damaged");
            }

            end = isRight ? end : sequence;
            (sum, lastTime) = (uint.MaxValue, time);
            sequence++;
        }

        return end ?? sequence;
    }

    /// <summary>
    /// Reads a block that begins with a header of the transaction, and a descriptor's tags; gives its type, and 0 where it is none.
    /// </summary>
    private int ReadControl(long at, uint sequence)
    {
        blocks.ReadDisk(file.BlockOf(at), 0, block);
        if (U32(0) != JournalSuperblock.Magic || U32(8) != sequence)
        {
            return 0;
        }

        switch (U32(4))
        {
            case DescriptorType:
                JournalTag.ReadAll(block, journal, tags);
                return DescriptorType;
            case CommitType:
                return CommitType;
            case RevokeType:
                return RevokeType;
            default:
                return 0;
        }
    }

    private bool IsTailRight() => !journal.HasChecksums
        || JournalChecksum.OfBlock(journal.Seed, block, block.Length - TailSize) == U32(block.Length - TailSize);

    private bool IsCommitRight(uint sum)
    {
        if (journal.HasChecksums)
        {
            return JournalChecksum.OfBlock(journal.Seed, block, CommitSumAt) == U32(CommitSumAt);
        }

        // One without type and sum is of a kernel that didn't make any.
        var (type, size) = (block[CommitTypeAt], block[CommitTypeAt + 1]);
        return !journal.HasTransactionChecksums
            || (type == Crc32Type && size == Crc32Size && U32(CommitSumAt) == sum)
            || (type == 0 && size == 0 && U32(CommitSumAt) == 0);
    }

    /// <summary>Checks the data blocks of a descriptor, and goes on with the transaction's checksum.</summary>
    private bool IsDataRight(long at, uint sequence, ref uint sum)
    {
        if (!journal.HasChecksums && !journal.HasTransactionChecksums)
        {
            return true;
        }

        var isRight = true;
        sum = journal.HasTransactionChecksums ? JournalChecksum.Append(sum, block) : sum;
        foreach (var tag in tags)
        {
            blocks.ReadDisk(file.BlockOf(at), 0, data);
            if (journal.HasTransactionChecksums)
            {
                sum = JournalChecksum.Append(sum, data);
            }
            else
            {
                var checksum = JournalChecksum.OfData(journal.Seed, sequence, data);
                isRight &= (journal.HasWideChecksums ? checksum : (ushort)checksum) == tag.Checksum;
            }

            at = Wrapped(at + 1);
        }

        return isRight;
    }

    private void Revoke(uint sequence, Predicate<long> isWanted, Dictionary<long, uint> revoked)
    {
        var size = journal.Has64Bit ? 8 : 4;
        var end = U32(RevokeHeader - 4);
        if (end > block.Length - (journal.HasChecksums ? TailSize : 0))
        {
            throw new AllocationException($"transaction {sequence} of its journal is damaged");
        }

        for (var at = RevokeHeader; at + size <= end; at += size)
        {
            var number = size == 4 ? U32(at) : BinaryPrimitives.ReadInt64BigEndian(block.AsSpan(at));
            if (isWanted(number))
            {
                // Transactions come in order, so that the last one stays.
                revoked[number] = sequence;
            }
        }
    }

    /// <summary>
    /// A fast commit says what changed without the blocks, and only for the transaction that comes next. What stands there for
    /// others is left over.
    /// </summary>
    private void CheckFastCommits()
    {
        // Kernels leave one block between the ring and them.
        for (var at = journal.End; at <= journal.End + 1 && at < file.BlockCount; at++)
        {
            blocks.ReadDisk(file.BlockOf(at), 0, block);
            var tag = BinaryPrimitives.ReadUInt16LittleEndian(block);
            var sequence = BinaryPrimitives.ReadUInt32LittleEndian(block.AsSpan(FastSequenceAt));
            if (tag is not 0 and <= FastTail || (tag == FastHead && !IsAfter(EndSequence, sequence)))
            {
                throw new AllocationException("its journal has fast commits to be replayed");
            }
        }
    }

    private long Wrapped(long at) => at >= journal.End ? at - (journal.End - journal.First) : at;

    /// <summary>Whether a transaction comes after another; their numbers go round.</summary>
    private static bool IsAfter(uint sequence, uint other) => (int)(sequence - other) > 0;

    private uint U32(int at) => BinaryPrimitives.ReadUInt32BigEndian(block.AsSpan(at));
}
