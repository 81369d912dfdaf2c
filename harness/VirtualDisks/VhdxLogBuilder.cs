using System.Buffers.Binary;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Tidemark.Engine.Hashing;
using Xunit;

namespace Tidemark.Harness.VirtualDisks;

/// <summary>Writes log entries into the ring of a VHDX, wrapping around its end.</summary>
internal sealed class VhdxLogBuilder(byte[] file, Guid id)
{
    private const int Sector = VhdxLog.SectorSize;
    private const int Sectors = 2 * VhdxBuilder.MiB / Sector;

    /// <summary>The sector of the ring where the next entry goes.</summary>
    public int Next { get; set; }

    public ulong Number { get; set; } = 100;

    public int Tail { get; set; }

    public ulong FlushedFileOffset { get; set; } = (ulong)file.Length;

    public ulong LastFileOffset { get; set; } = (ulong)file.Length;

    /// <summary>Appends an entry; data null means that many zeros.</summary>
    public int Append(params (long Offset, byte[]? Data, long Zeros)[] writes)
    {
        var descriptorCount = writes.Sum(w => w.Data is null ? 1 : w.Data.Length / Sector);
        var descriptorSectors = (VhdxLogEntryHeader.Size + (descriptorCount * VhdxLogDescriptor.Size) + Sector - 1) / Sector;
        var dataSectors = writes.Sum(w => (w.Data?.Length ?? 0) / Sector);
        var entry = new byte[(descriptorSectors + dataSectors) * Sector];
        var descriptorAt = VhdxLogEntryHeader.Size;
        var dataAt = descriptorSectors * Sector;
        foreach (var (offset, data, zeros) in writes)
        {
            if (data is null)
            {
                new VhdxLogDescriptor(false, 0, (ulong)zeros, (ulong)offset, Number).Write(entry.AsSpan(descriptorAt));
                descriptorAt += VhdxLogDescriptor.Size;
                continue;
            }

            Assert.Equal(0, data.Length % Sector);
            for (var i = 0; i < data.Length; i += Sector)
            {
                VhdxLogDataSector
                    .Write(entry.AsSpan(dataAt, Sector), data.AsSpan(i, Sector), (ulong)(offset + i), Number)
                    .Write(entry.AsSpan(descriptorAt));
                descriptorAt += VhdxLogDescriptor.Size;
                dataAt += Sector;
            }
        }

        new VhdxLogEntryHeader
        {
            EntryLength = (uint)entry.Length,
            Tail = (uint)(Tail * Sector),
            SequenceNumber = Number++,
            DescriptorCount = (uint)descriptorCount,
            LogGuid = id,
            FlushedFileOffset = FlushedFileOffset,
            LastFileOffset = LastFileOffset,
        }.Write(entry);
        BinaryPrimitives.WriteUInt32LittleEndian(entry.AsSpan(4), Crc32C.OfStructure(entry, 4));
        var start = Next;
        for (var i = 0; i < entry.Length; i += Sector)
        {
            entry.AsSpan(i, Sector).CopyTo(file.AsSpan(VhdxBuilder.LogOffset + (Next * Sector)));
            Next = (Next + 1) % Sectors;
        }

        return start;
    }
}
