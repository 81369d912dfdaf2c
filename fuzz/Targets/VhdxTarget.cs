using System.Buffers.Binary;
using Tidemark.Engine.Devices.VirtualDisks.Vhdx;
using Tidemark.Engine.Hashing;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Seeds;

namespace Tidemark.Fuzz.Targets;

/// <summary>A VHDX with the checksums of its structures right, log included; the input is a sparse file.</summary>
internal static class VhdxTarget
{
    private const int ChecksumAt = 4;

    /// <summary>Log entries sealed at most, each of at most <see cref="MostEntryBytes"/>.</summary>
    private const int MostEntries = 8;

    private const int MostEntryBytes = 64 << 10;

    private static readonly byte[] Parent = DiskSeeds.Vhdx(null, false);

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var file = SparseDevice.Parse(input);
        var buffer = new byte[MostEntryBytes];
        foreach (var at in new[] { VhdxHeader.FirstOffset, VhdxHeader.SecondOffset })
        {
            Seal(file, at, buffer.AsSpan(0, VhdxHeader.Size));
        }

        foreach (var at in new[] { VhdxRegionTable.FirstOffset, VhdxRegionTable.SecondOffset })
        {
            Seal(file, at, buffer.AsSpan(0, VhdxRegionTable.Size));
        }

        Span<byte> place = stackalloc byte[8];
        if (file.TryRead(VhdxHeader.FirstOffset + 72, place))
        {
            SealLog(file, BinaryPrimitives.ReadInt64LittleEndian(place), buffer);
        }

        VirtualDisks.Read(file, Parent);
    }

    private static void SealLog(SparseDevice file, long at, byte[] buffer)
    {
        Span<byte> start = stackalloc byte[VhdxLogEntryHeader.Size];
        for (var i = 0; i < MostEntries && file.TryRead(at, start) && VhdxLogEntryHeader.HasSignature(start); i++)
        {
            var length = VhdxLogEntryHeader.Read(start).EntryLength;
            if (length is < VhdxLogEntryHeader.Size or > MostEntryBytes)
            {
                return;
            }

            Seal(file, at, buffer.AsSpan(0, (int)length));
            at += length;
        }
    }

    private static void Seal(SparseDevice file, long at, Span<byte> structure)
    {
        Span<byte> checksum = stackalloc byte[sizeof(uint)];
        if (file.TryRead(at, structure) && structure.ContainsAnyExcept((byte)0))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(checksum, Crc32C.OfStructure(structure, ChecksumAt));
            file.Overlay(at + ChecksumAt, checksum);
        }
    }
}
