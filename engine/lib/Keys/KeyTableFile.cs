using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.IO.Hashing;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Keys;

/// <summary>
/// A key slot table in a file of its own, <c>keys-NNNNNN.tdk</c> (NNNNNN is its generation), written when keys change.
/// 1,120 bytes: XXH128 (seed 0) of everything after it u128 | magic "TIDEKEYS" | version u16 | 6 zero bytes | the table.
/// Integers are little-endian.
/// </summary>
internal static class KeyTableFile
{
    public const int Size = TableOffset + KeySlotTable.Size;

    /// <summary>What a file that isn't complete was called by programs before this one; it was left by a run that died.</summary>
    private const string TemporarySuffix = ".tmp";

    private const string Prefix = "keys-";
    private const string Suffix = ".tdk";
    private const int Digits = 6;
    private const ushort CurrentVersion = 1;

    private const int ChecksumSize = 16;
    private const int MagicOffset = ChecksumSize;
    private const int VersionOffset = 24;
    private const int ReservedOffset = 26;
    private const int TableOffset = 32;

    private static ReadOnlySpan<byte> Magic => "TIDEKEYS"u8;

    public static string NameOf(uint generation)
    {
        Debug.Assert(generation is >= 1 and <= KeySlotTable.MaxGeneration);
        return string.Create(CultureInfo.InvariantCulture, $"{Prefix}{generation:D6}{Suffix}");
    }

    /// <summary>Whether a file of a chain's folder is called like one of these, and the generation its name says.</summary>
    public static bool TryParseName(string name, out uint generation)
    {
        generation = 0;
        return name.Length == Prefix.Length + Digits + Suffix.Length
            && name.StartsWith(Prefix, StringComparison.Ordinal)
            && name.EndsWith(Suffix, StringComparison.Ordinal)
            && uint.TryParse(name.AsSpan(Prefix.Length, Digits), NumberStyles.None, CultureInfo.InvariantCulture, out generation)
            && generation > 0
            && name == NameOf(generation);
    }

    /// <summary>Whether a file is called like one that was never finished.</summary>
    public static bool IsTemporary(string name) => name.EndsWith(TemporarySuffix, StringComparison.Ordinal)
        && TryParseName(name[..^TemporarySuffix.Length], out _);

    /// <param name="source"><see cref="Size"/> bytes.</param>
    /// <param name="owner">What messages call the file.</param>
    /// <exception cref="TidemarkException">Altered or malformed: <see cref="TidemarkError.Damaged"/>.</exception>
    public static KeySlotTable Decode(ReadOnlySpan<byte> source, string owner)
    {
        Debug.Assert(source.Length == Size);
        if (BinaryPrimitives.ReadUInt128LittleEndian(source) != XxHash128.HashToUInt128(source[ChecksumSize..]))
        {
            throw TidemarkException.Damaged($"{owner} is damaged: its checksum is wrong. Take it from another copy of the chain.");
        }

        var version = BinaryPrimitives.ReadUInt16LittleEndian(source[VersionOffset..]);
        if (!source[MagicOffset..VersionOffset].SequenceEqual(Magic)
            || version != CurrentVersion
            || source[ReservedOffset..TableOffset].ContainsAnyExcept((byte)0))
        {
            throw TidemarkException.Damaged(
                $"{owner} can't be read: it isn't a Tidemark key file of version {CurrentVersion}. Use a newer Tidemark, or another copy.");
        }

        return KeySlotTable.Read(source[TableOffset..], owner);
    }

    public static void Encode(KeySlotTable table, Span<byte> target)
    {
        Debug.Assert(target.Length == Size);
        target.Clear();
        Magic.CopyTo(target[MagicOffset..]);
        BinaryPrimitives.WriteUInt16LittleEndian(target[VersionOffset..], CurrentVersion);
        table.Write(target[TableOffset..]);
        BinaryPrimitives.WriteUInt128LittleEndian(target, XxHash128.HashToUInt128(target[ChecksumSize..]));
    }

    /// <summary>Reads a file of a chain's folder, and checks that its generation is the one of its name.</summary>
    /// <exception cref="TidemarkException">Altered, malformed or swapped: <see cref="TidemarkError.Damaged"/>.</exception>
    public static KeySlotTable Read(StoreFolder folder, string name)
    {
        using var file = folder.OpenRead(name);
        if (file.Length != Size)
        {
            throw TidemarkException.Damaged(
                $"{file.Name} is damaged: it has {file.Length} bytes and not {Size}. Take it from another copy of the chain.");
        }

        Span<byte> bytes = stackalloc byte[Size];
        file.ReadAt(0, bytes);
        var table = Decode(bytes, file.Name);
        return TryParseName(name, out var generation) && generation == table.Generation
            ? table
            : throw TidemarkException.Damaged(
                $"{file.Name} holds keys of generation {table.Generation} and isn't called so. Give it back the name {NameOf(table.Generation)}.");
    }

    /// <summary>
    /// Writes a table durably under its own name, and reads it back before it counts; an existing file is never replaced.
    /// The caller holds the folder's lock.
    /// </summary>
    /// <returns>The file's name.</returns>
    public static string Write(StoreFolder folder, KeySlotTable table)
    {
        var name = NameOf(table.Generation);
        Span<byte> bytes = stackalloc byte[Size];
        Encode(table, bytes);
        using var writer = folder.Create(name);
        writer.Append(bytes);
        writer.Settle();
        using (var written = writer.OpenWritten())
        {
            if (written is not null)
            {
                CheckWritten(written, bytes);
            }
        }

        writer.Complete();
        return name;
    }

    private static void CheckWritten(StoreFile file, ReadOnlySpan<byte> expected)
    {
        Span<byte> found = stackalloc byte[Size];
        if (file.Length == Size)
        {
            file.ReadAt(0, found);
        }

        if (!found.SequenceEqual(expected))
        {
            throw TidemarkException.Failed(
                $"{file.Name} reads back differently from what was written. The keys are unchanged; check the disk of this store.");
        }
    }
}
