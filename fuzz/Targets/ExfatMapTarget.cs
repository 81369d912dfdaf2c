using System.Buffers.Binary;
using System.Numerics;
using Tidemark.Engine.Allocation.Exfat;
using Tidemark.Fuzz.Inputs;

namespace Tidemark.Fuzz.Targets;

/// <summary>The map of an exFAT volume, its boot region with the right checksum, and its files; the input is a sparse file.</summary>
internal static class ExfatMapTarget
{
    private const int Sectors = 12;

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var source = new MapSource(SparseDevice.Parse(input), Seal);
        FileWalk.Run(source, "exfat", () => ExfatMap.TryOpen(source));
    }

    // Seals what is read of the whole region.
    private static void Seal(Span<byte> region)
    {
        if (region.Length < Sectors * 512 || region.Length % Sectors != 0 || !region[3..].StartsWith("EXFAT   "u8))
        {
            return;
        }

        uint sum = 0;
        var end = region.Length / Sectors * (Sectors - 1);
        for (var i = 0; i < end; i++)
        {
            sum = i is 106 or 107 or 112 ? sum : BitOperations.RotateRight(sum, 1) + region[i];
        }

        for (var i = end; i < region.Length; i += sizeof(uint))
        {
            BinaryPrimitives.WriteUInt32LittleEndian(region[i..], sum);
        }
    }
}
