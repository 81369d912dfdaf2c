using System.Buffers.Binary;
using Tidemark.Engine.Devices.VirtualDisks.Vhd;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Seeds;

namespace Tidemark.Fuzz.Targets;

/// <summary>A VHD with the checksums of its structures right; the input is a sparse file.</summary>
internal static class VhdTarget
{
    private const int FooterChecksumAt = 64;
    private const int HeaderChecksumAt = 36;

    private static readonly byte[] Parent = DiskSeeds.FixedVhd();

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var file = SparseDevice.Parse(input);
        Seal(file, 0, VhdFooter.Size, FooterChecksumAt);
        Seal(file, file.Length - VhdFooter.Size, VhdFooter.Size, FooterChecksumAt);
        Span<byte> place = stackalloc byte[8];
        if (file.TryRead(file.Length - VhdFooter.Size + 16, place))
        {
            Seal(file, BinaryPrimitives.ReadInt64BigEndian(place), VhdDynamicHeader.Size, HeaderChecksumAt);
        }

        VirtualDisks.Read(file, Parent);
    }

    private static void Seal(SparseDevice file, long at, int size, int checksumAt)
    {
        Span<byte> structure = stackalloc byte[VhdDynamicHeader.Size];
        structure = structure[..size];
        if (file.TryRead(at, structure))
        {
            VhdChecksum.Seal(structure, checksumAt);
            file.Overlay(at + checksumAt, structure.Slice(checksumAt, 4));
        }
    }
}
