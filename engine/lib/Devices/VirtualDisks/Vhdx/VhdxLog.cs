using System.Diagnostics;
using Tidemark.Engine.Hashing;

namespace Tidemark.Engine.Devices.VirtualDisks.Vhdx;

/// <summary>
/// The log of a VHDX: a ring of entries, of which the newest complete sequence must be replayed before the file's
/// tables can be believed ([MS-VHDX] 2.3). It is held in memory whole, and only for a file that needs it.
/// </summary>
internal sealed class VhdxLog
{
    /// <summary>The unit of the log.</summary>
    public const int SectorSize = 4096;

    /// <summary>
    /// The longest log taken, 64 MiB: Hyper-V makes logs of 1 MiB, and this much memory is taken while a file with a
    /// log is open.
    /// </summary>
    public const uint MaxLength = 64 << 20;

    /// <summary>File offsets in a log end here, far beyond any file: 2^60.</summary>
    private const ulong MaxFileOffset = 1ul << 60;

    private readonly byte[] log;
    private readonly Guid guid;
    private readonly int sectorCount;

    /// <summary>What is known of the entry at each sector: 0 not looked at, 1 valid, 2 none.</summary>
    private readonly byte[] known;

    public VhdxLog(byte[] log, Guid guid)
    {
        Debug.Assert(log.Length > 0 && log.Length % SectorSize == 0 && log.Length <= MaxLength);
        this.log = log;
        this.guid = guid;
        sectorCount = log.Length / SectorSize;
        known = new byte[sectorCount];
    }

    /// <summary>
    /// The entries to replay, oldest first, as sector numbers; empty if no sequence is valid. This is the search of
    /// [MS-VHDX] 2.3.3: of all sequences whose last entry points back into the sequence, the one with the highest
    /// number, from where its last entry points to.
    /// </summary>
    public List<int> FindActiveSequence()
    {
        var best = new List<int>();
        ulong bestNumber = 0;
        var current = new List<int>();
        var tail = 0;
        while (tail < sectorCount)
        {
            var next = Extend(tail, current);
            var start = current.Count == 0 ? -1 : current.IndexOf((int)(HeaderAt(current[^1]).Tail / SectorSize));
            if (start < 0)
            {
                tail++;
                continue;
            }

            var number = HeaderAt(current[^1]).SequenceNumber;
            if (number > bestNumber)
            {
                bestNumber = number;
                best = current[start..];
            }

            // A sequence that ran past the ring's end was the last there can be.
            tail = next > tail ? next : sectorCount;
        }

        return best;
    }

    public VhdxLogEntryHeader HeaderAt(int sector) => VhdxLogEntryHeader.Read(Sector(sector));

    /// <summary>
    /// Appends what an entry writes, in its order, and restores the data sectors in place: an entry may be replayed
    /// once.
    /// </summary>
    public void Replay(int sector, List<VhdxLogWrite> writes)
    {
        var header = HeaderAt(sector);
        var data = sector + DescriptorSectors(header.DescriptorCount);
        for (var i = 0u; i < header.DescriptorCount; i++)
        {
            var descriptor = DescriptorAt(sector, i)!.Value;
            var position = VhdxLogWrite.Zeros;
            if (descriptor.IsData)
            {
                position = data % sectorCount * SectorSize;
                VhdxLogDataSector.Restore(Sector(data), descriptor);
                data++;
            }

            if (descriptor.Length > 0)
            {
                writes.Add(new VhdxLogWrite((long)descriptor.FileOffset, (long)descriptor.Length, position));
            }
        }
    }

    private static int DescriptorSectors(uint count) =>
        (int)((VhdxLogEntryHeader.Size + ((ulong)count * VhdxLogDescriptor.Size) + SectorSize - 1) / SectorSize);

    private Span<byte> Sector(int sector) => log.AsSpan(sector % sectorCount * SectorSize, SectorSize);

    /// <summary>The sequence from a sector on. Returns where it ended, wrapped around the ring.</summary>
    private int Extend(int sector, List<int> sequence)
    {
        sequence.Clear();
        ulong number = 0;
        while (IsValid(sector))
        {
            var header = HeaderAt(sector);
            if (sequence.Count > 0 && header.SequenceNumber != number + 1)
            {
                break;
            }

            sequence.Add(sector);
            number = header.SequenceNumber;
            sector = (sector + (int)(header.EntryLength / SectorSize)) % sectorCount;
        }

        return sector;
    }

    private bool IsValid(int sector)
    {
        if (known[sector] == 0)
        {
            known[sector] = Validate(sector) ? (byte)1 : (byte)2;
        }

        return known[sector] == 1;
    }

    /// <summary>
    /// Everything [MS-VHDX] 2.3.1 asks of an entry. Each sector of an entry has a signature that none of another
    /// kind has, so valid entries never overlap, and the whole search reads the log about once.
    /// </summary>
    private bool Validate(int sector)
    {
        if (!VhdxLogEntryHeader.HasSignature(Sector(sector)))
        {
            return false;
        }

        var header = HeaderAt(sector);
        if (header.LogGuid != guid
            || header.SequenceNumber == 0
            || header.EntryLength == 0
            || header.EntryLength % SectorSize != 0
            || header.EntryLength > log.Length
            || header.Tail % SectorSize != 0
            || header.Tail >= log.Length
            || header.LastFileOffset > MaxFileOffset
            || header.DescriptorCount > header.EntryLength / VhdxLogDescriptor.Size)
        {
            return false;
        }

        var sectors = (int)(header.EntryLength / SectorSize);
        var used = DescriptorSectors(header.DescriptorCount);
        for (var i = 0u; i < header.DescriptorCount; i++)
        {
            if (DescriptorAt(sector, i) is not { } descriptor
                || descriptor.SequenceNumber != header.SequenceNumber
                || descriptor.FileOffset % SectorSize != 0
                || descriptor.Length % SectorSize != 0
                || descriptor.FileOffset > MaxFileOffset
                || descriptor.Length > MaxFileOffset - descriptor.FileOffset)
            {
                return false;
            }

            if (!descriptor.IsData)
            {
                continue;
            }

            if (used >= sectors || !VhdxLogDataSector.IsValid(Sector(sector + used), header.SequenceNumber))
            {
                return false;
            }

            used++;
        }

        for (var i = used; i < sectors; i++)
        {
            if (VhdxLogEntryHeader.HasSignature(Sector(sector + i)))
            {
                return false;
            }
        }

        return used <= sectors && Checksum(sector, sectors) == header.Checksum;
    }

    private VhdxLogDescriptor? DescriptorAt(int sector, uint index)
    {
        var offset = VhdxLogEntryHeader.Size + ((long)index * VhdxLogDescriptor.Size);
        return VhdxLogDescriptor.Read(Sector(sector + (int)(offset / SectorSize))[(int)(offset % SectorSize)..]);
    }

    private uint Checksum(int sector, int sectors)
    {
        ReadOnlySpan<byte> zero = [0, 0, 0, 0];
        var first = Sector(sector);
        var state = Crc32C.Append(Crc32C.Start, first[..VhdxLogEntryHeader.ChecksumOffset]);
        state = Crc32C.Append(state, zero);
        state = Crc32C.Append(state, first[(VhdxLogEntryHeader.ChecksumOffset + zero.Length)..]);
        for (var i = 1; i < sectors; i++)
        {
            state = Crc32C.Append(state, Sector(sector + i));
        }

        return Crc32C.Finish(state);
    }
}
