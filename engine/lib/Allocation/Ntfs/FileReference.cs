namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>A record of the MFT by its number, and by how often it was used (Linux-NTFS project's layout.h, MFT_REF).</summary>
internal readonly record struct FileReference(ulong Value)
{
    private const int NumberBits = 48;

    public long Number => (long)(Value & ((1UL << NumberBits) - 1));

    public ushort Sequence => (ushort)(Value >> NumberBits);

    public static FileReference Of(long number, ushort sequence) => new((ulong)number | ((ulong)sequence << NumberBits));
}
