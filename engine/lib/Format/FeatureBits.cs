using Tidemark.Engine.Hashing;

namespace Tidemark.Engine.Format;

/// <summary>
/// What an image needs of its reader, as qcow2 does it: bits of the first set must be known to read the image, bits of
/// the second to write a child of it, bits of the third may be ignored.
/// </summary>
internal readonly record struct FeatureBits(ulong Incompatible, ulong Compatible, ulong Ignorable)
{
    /// <summary>Frames, pages and metadata are encrypted with AES-256-GCM.</summary>
    public const ulong Encrypted = 1 << 0;

    /// <summary>The image lies in several parts.</summary>
    public const ulong Parts = 1 << 1;

    /// <summary>The identity hash is keyed BLAKE3.</summary>
    public const ulong Blake3 = 1 << 2;

    /// <summary>The image heals another one and is no point in time.</summary>
    public const ulong Healing = 1 << 3;

    /// <summary>The parts after the first have the image's id in their names; without it, a reader would look for others.</summary>
    public const ulong NamedParts = 1 << 4;

    /// <summary>Blocks may be free (<see cref="BlockState.Free"/>).</summary>
    public const ulong FreeBlocks = 1 << 5;

    private const ulong KnownIncompatible = Encrypted | Parts | Blake3 | Healing | NamedParts | FreeBlocks;
    private const ulong KnownCompatible = 0;

    public static FeatureBits Of(ImageHeader header) => new(
        (header.Encrypted ? Encrypted : 0)
        | (header.PartSize > 0 ? Parts : 0)
        | (header.PartSize > 0 && header.NamesParts ? NamedParts : 0)
        | (header.Hash == HashAlgorithm.Blake3 ? Blake3 : 0)
        | (header.Kind == ImageKind.Healing ? Healing : 0)
        | (header.HasFreeBlocks ? FreeBlocks : 0),
        0,
        0);

    public static FeatureBits Read(ReadOnlySpan<byte> bytes) =>
        new(Layout.U64(bytes, 0), Layout.U64(bytes, 8), Layout.U64(bytes, 16));

    public void Write(Span<byte> bytes)
    {
        Layout.U64(bytes, 0, Incompatible);
        Layout.U64(bytes, 8, Compatible);
        Layout.U64(bytes, 16, Ignorable);
    }

    /// <summary>Why this reader can't read the image; null if it can.</summary>
    public string? Refusal() => (Incompatible & ~KnownIncompatible) == 0
        ? null
        : $"it needs features that this Tidemark doesn't know (bits 0x{Incompatible & ~KnownIncompatible:X}): use a newer one";

    /// <summary>Whether a child of the image may be written by this program.</summary>
    public bool MayExtend => (Compatible & ~KnownCompatible) == 0;
}
