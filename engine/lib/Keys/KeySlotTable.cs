using System.Buffers.Binary;
using System.Diagnostics;
using System.IO.Hashing;

namespace Tidemark.Engine.Keys;

/// <summary>
/// All ways to open a chain. It stands in the header of each image and in the <see cref="KeyTableFile"/>s of the chain's
/// folder; the highest generation counts. 1,088 bytes: XXH128 (seed 0) of everything after it u128 | chain id 16 |
/// generation u32 | version u16 | slots in use u16 | 24 zero bytes | 8 slots of 128 bytes, those in use first, the rest
/// zero. Integers are little-endian, ids in the byte order of RFC 9562. A table has exactly one encoding. Immutable.
/// </summary>
internal sealed class KeySlotTable
{
    public const int Size = SlotsOffset + (MaxSlots * KeySlot.Size);

    /// <summary>Enough for a few people and a few machines, and small enough to try them all.</summary>
    public const int MaxSlots = 8;

    /// <summary>What six digits of a file name hold; far more changes than a chain will see.</summary>
    public const uint MaxGeneration = 999_999;

    private const ushort CurrentVersion = 1;

    private const int ChecksumSize = 16;
    private const int ChainIdOffset = ChecksumSize;
    private const int GenerationOffset = 32;
    private const int VersionOffset = 36;
    private const int CountOffset = 38;
    private const int ReservedOffset = 40;
    private const int SlotsOffset = 64;

    private readonly KeySlot[] slots;

    public KeySlotTable(Guid chainId, uint generation, ReadOnlySpan<KeySlot> slots)
    {
        Debug.Assert(generation is >= 1 and <= MaxGeneration);
        Debug.Assert(slots.Length is >= 1 and <= MaxSlots);
        ChainId = chainId;
        Generation = generation;
        this.slots = slots.ToArray();
        Debug.Assert(HasUniqueIds(this.slots));
    }

    public Guid ChainId { get; }

    /// <summary>1 for the table a chain begins with, one more with each change of a key.</summary>
    public uint Generation { get; }

    /// <summary>The slots in use, 1 to <see cref="MaxSlots"/>.</summary>
    public ReadOnlySpan<KeySlot> Slots => slots;

    /// <param name="source"><see cref="Size"/> bytes.</param>
    /// <param name="owner">What holds the table, for messages.</param>
    /// <exception cref="TidemarkException">Altered or malformed: <see cref="TidemarkError.Damaged"/>.</exception>
    public static KeySlotTable Read(ReadOnlySpan<byte> source, string owner)
    {
        Debug.Assert(source.Length == Size);
        if (BinaryPrimitives.ReadUInt128LittleEndian(source) != XxHash128.HashToUInt128(source[ChecksumSize..]))
        {
            throw TidemarkException.Damaged(
                $"The key slots of {owner} are damaged: their checksum is wrong. Take them from another copy of the chain.");
        }

        var version = BinaryPrimitives.ReadUInt16LittleEndian(source[VersionOffset..]);
        var generation = BinaryPrimitives.ReadUInt32LittleEndian(source[GenerationOffset..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(source[CountOffset..]);
        if (version != CurrentVersion)
        {
            throw TidemarkException.Damaged(
                $"The key slots of {owner} have version {version}, and this Tidemark reads {CurrentVersion}. Use a newer one.");
        }

        if (generation is < 1 or > MaxGeneration || count is < 1 or > MaxSlots
            || source[ReservedOffset..SlotsOffset].ContainsAnyExcept((byte)0)
            || source[(SlotsOffset + (count * KeySlot.Size))..].ContainsAnyExcept((byte)0))
        {
            throw Malformed(owner);
        }

        var slots = new KeySlot[count];
        for (var i = 0; i < count; i++)
        {
            slots[i] = KeySlot.Read(source.Slice(SlotsOffset + (i * KeySlot.Size), KeySlot.Size), owner);
        }

        return HasUniqueIds(slots)
            ? new KeySlotTable(new Guid(source.Slice(ChainIdOffset, 16), bigEndian: true), generation, slots)
            : throw Malformed(owner);
    }

    public void Write(Span<byte> target)
    {
        Debug.Assert(target.Length == Size);
        target.Clear();
        ChainId.TryWriteBytes(target[ChainIdOffset..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32LittleEndian(target[GenerationOffset..], Generation);
        BinaryPrimitives.WriteUInt16LittleEndian(target[VersionOffset..], CurrentVersion);
        BinaryPrimitives.WriteUInt16LittleEndian(target[CountOffset..], (ushort)slots.Length);
        for (var i = 0; i < slots.Length; i++)
        {
            slots[i].Write(target.Slice(SlotsOffset + (i * KeySlot.Size), KeySlot.Size));
        }

        BinaryPrimitives.WriteUInt128LittleEndian(target, XxHash128.HashToUInt128(target[ChecksumSize..]));
    }

    public bool HasKind(KeySlotKind kind) => Array.Exists(slots, slot => slot.Kind == kind);

    /// <summary>The lowest id that no slot has.</summary>
    public ushort FreeId()
    {
        ushort id = 1;
        while (Array.Exists(slots, slot => slot.Id == id))
        {
            id++;
        }

        return id;
    }

    private static bool HasUniqueIds(KeySlot[] slots)
    {
        for (var i = 1; i < slots.Length; i++)
        {
            if (Array.FindIndex(slots, slot => slot.Id == slots[i].Id) != i)
            {
                return false;
            }
        }

        return true;
    }

    private static TidemarkException Malformed(string owner) => TidemarkException.Damaged(
        $"The key slots of {owner} are malformed. Take them from another copy of the chain.");
}
