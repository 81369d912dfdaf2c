using System.Buffers.Binary;

namespace Tidemark.Engine.Files;

/// <summary>
/// The index $R of the file $Extend\$Reparse: all reparse points of an NTFS volume, by tag and file (Linux-NTFS project's
/// layout.h, INDEX_ROOT, INDEX_BLOCK, REPARSE_INDEX_KEY).
/// </summary>
internal static class NtfsReparseIndex
{
    /// <summary>Where the index header begins in the root, and in a block.</summary>
    private const int RootHeader = 0x10;
    private const int BlockHeader = 0x18;

    /// <summary>Bytes that one place of the update sequence protects, whatever the sector.</summary>
    private const int Stride = 512;

    private const int EntryHeader = 16;

    /// <summary>Tag and file reference.</summary>
    private const int KeySize = 12;

    /// <summary>The number of the file in its reference; the rest says how often that was used.</summary>
    private const ulong FileNumber = 0xFFFF_FFFF_FFFF;

    /// <summary>Whether the root says that there are blocks beside it.</summary>
    public static bool HasBlocks(ReadOnlySpan<byte> root) => root.Length > RootHeader + 12 && (root[RootHeader + 12] & 1) != 0;

    /// <summary>Collects the files of the index's root.</summary>
    /// <returns>Whether it is well-formed.</returns>
    public static bool ReadRoot(ReadOnlySpan<byte> root, HashSet<long> files) => root.Length >= RootHeader + 16 && ReadEntries(root[RootHeader..], files);

    /// <summary>Collects the files of the index's blocks.</summary>
    /// <param name="blocks">The attribute $INDEX_ALLOCATION.</param>
    /// <param name="size">Bytes of a block, as the root has it.</param>
    /// <param name="files">Gets them.</param>
    /// <returns>Whether they are well-formed.</returns>
    public static bool ReadBlocks(ReadOnlySpan<byte> blocks, int size, HashSet<long> files)
    {
        if (size < Stride || size > 1 << 20 || blocks.Length % size != 0)
        {
            return false;
        }

        while (blocks.Length > 0)
        {
            var block = blocks[..size].ToArray();
            blocks = blocks[size..];
            // A block that was never used has no signature, or is empty by its header.
            if (block.AsSpan().StartsWith("INDX"u8) && !(Mend(block) && ReadEntries(block.AsSpan(BlockHeader), files)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Bytes of a block, of an index's root.</summary>
    public static int BlockSize(ReadOnlySpan<byte> root) => BinaryPrimitives.ReadInt32LittleEndian(root[8..]);

    // The last two bytes of each stride are kept in the update sequence, behind the number that stands in their places.
    private static bool Mend(Span<byte> block)
    {
        var at = BinaryPrimitives.ReadUInt16LittleEndian(block[4..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(block[6..]);
        if (count != (block.Length / Stride) + 1 || at + (2 * count) > block.Length)
        {
            return false;
        }

        var number = block.Slice(at, 2).ToArray();
        for (var i = 1; i < count; i++)
        {
            var place = block.Slice((i * Stride) - 2, 2);
            if (!place.SequenceEqual(number))
            {
                return false;
            }

            block.Slice(at + (2 * i), 2).CopyTo(place);
        }

        return true;
    }

    private static bool ReadEntries(ReadOnlySpan<byte> header, HashSet<long> files)
    {
        var at = BinaryPrimitives.ReadInt32LittleEndian(header);
        var end = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        if (at < 0 || at > header.Length || end > header.Length)
        {
            return false;
        }

        while (at + EntryHeader <= end)
        {
            var entry = header[at..end];
            var length = BinaryPrimitives.ReadUInt16LittleEndian(entry[8..]);
            if ((entry[12] & 2) != 0)
            {
                return true;
            }

            if (length < EntryHeader + KeySize || length > entry.Length)
            {
                return false;
            }

            files.Add((long)(BinaryPrimitives.ReadUInt64LittleEndian(entry[(EntryHeader + 4)..]) & FileNumber));
            at += length;
        }

        return false;
    }
}
