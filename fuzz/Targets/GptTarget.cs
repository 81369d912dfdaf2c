using System.Buffers.Binary;
using System.IO.Hashing;
using Tidemark.Engine.Format;
using Tidemark.Engine.Volumes;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>A disk's GPT with its checksums right: the whole disk, small.</summary>
internal static class GptTarget
{
    private const int Sector = 512;
    private const int HeaderSize = 92;

    internal static void Run(ReadOnlySpan<byte> input)
    {
        GptHeader.TryRead(input);
        GptEntry.TryRead(input);
        var disk = input.ToArray();
        Seal(disk);
        var table = VolumeProbe.TryReadTable(Volumes.At(0, disk));
        foreach (var partition in table?.Partitions ?? [])
        {
            FindException.Unless(partition.Offset > 0 && partition.Length > 0, $"Partition {partition} makes no sense.");
            Volumes.CheckLabel(partition.Name);
            if (SourceProbe.OfPartition(table!, partition) is { } item)
            {
                Volumes.CheckIdentity(SourceIdentity.Of(item));
            }
        }
    }

    /// <summary>Makes the checksums of both headers and their entries right.</summary>
    internal static void Seal(Span<byte> disk)
    {
        Seal(disk, Sector);
        Seal(disk, disk.Length / Sector * Sector - Sector);
    }

    private static void Seal(Span<byte> disk, int at)
    {
        if (at < 0 || at > disk.Length - Sector)
        {
            return;
        }

        var header = disk.Slice(at, Sector);
        var entries = (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(header[72..]), int.MaxValue) * Sector;
        var size = (long)BinaryPrimitives.ReadUInt32LittleEndian(header[80..]) * BinaryPrimitives.ReadUInt32LittleEndian(header[84..]);
        if (size >= 0 && size <= disk.Length - entries)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(header[88..], Crc32.HashToUInt32(disk.Slice((int)entries, (int)size)));
        }

        header.Slice(16, 4).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], Crc32.HashToUInt32(header[..HeaderSize]));
    }
}
