using System.Buffers.Binary;
using System.Diagnostics;

namespace Tidemark.Engine.Keys;

/// <summary>
/// One way to open a chain: the data key, wrapped. 128 bytes of a <see cref="KeySlotTable"/>, whose checksum covers them:
/// kind u8 | flags u8 (0) | id u16 | Argon2 memory KiB u32 | passes u32 | parallelism u32 | salt 16 | nonce 12 |
/// wrapped data key 32 | tag 16 | 36 zero bytes. Integers are little-endian. Immutable.
/// </summary>
internal sealed class KeySlot
{
    public const int Size = 128;

    /// <summary>What libsodium's Argon2id takes, no more and no less.</summary>
    public const int SaltSize = 16;

    public const int NonceSize = 12;
    public const int TagSize = 16;

    /// <summary>Everything before the nonce: the fields that the slot's tag authenticates.</summary>
    public const int FixedFieldsSize = 32;

    private const int FlagsOffset = 1;
    private const int IdOffset = 2;
    private const int MemoryOffset = 4;
    private const int PassesOffset = 8;
    private const int ParallelismOffset = 12;
    private const int SaltOffset = 16;
    private const int NonceOffset = FixedFieldsSize;
    private const int WrappedKeyOffset = NonceOffset + NonceSize;
    private const int TagOffset = WrappedKeyOffset + ChainKeys.KeySize;
    private const int ReservedOffset = TagOffset + TagSize;

    private readonly byte[] bytes;

    private KeySlot(byte[] bytes) => this.bytes = bytes;

    public KeySlotKind Kind => (KeySlotKind)bytes[0];

    /// <summary>What the slot is called; 1 and up, unique in its table.</summary>
    public ushort Id => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(IdOffset));

    /// <summary>The cost of a passphrase slot; zeros otherwise.</summary>
    public Argon2Cost Cost => new(
        BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(MemoryOffset)),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(PassesOffset)),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(ParallelismOffset)));

    public ReadOnlySpan<byte> FixedFields => bytes.AsSpan(0, FixedFieldsSize);

    public ReadOnlySpan<byte> Salt => bytes.AsSpan(SaltOffset, SaltSize);

    public ReadOnlySpan<byte> Nonce => bytes.AsSpan(NonceOffset, NonceSize);

    public ReadOnlySpan<byte> WrappedKey => bytes.AsSpan(WrappedKeyOffset, ChainKeys.KeySize);

    public ReadOnlySpan<byte> Tag => bytes.AsSpan(TagOffset, TagSize);

    /// <summary>
    /// Makes a slot whose wrapped key and tag are filled in by <paramref name="wrap"/>, which sees the fields before them.
    /// </summary>
    /// <param name="cost">The cost of a passphrase; all zero for a key file.</param>
    public static KeySlot Create(
        KeySlotKind kind, ushort id, Argon2Cost cost, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> nonce, WrapAction wrap)
    {
        Debug.Assert(kind is KeySlotKind.Passphrase or KeySlotKind.KeyFile);
        Debug.Assert(id > 0);
        Debug.Assert(kind == KeySlotKind.Passphrase ? cost.IsWithinBounds : cost == default);
        Debug.Assert(salt.Length == SaltSize && nonce.Length == NonceSize);
        var bytes = new byte[Size];
        bytes[0] = (byte)kind;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(IdOffset), id);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(MemoryOffset), cost.MemoryKiB);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(PassesOffset), cost.Passes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(ParallelismOffset), cost.Parallelism);
        salt.CopyTo(bytes.AsSpan(SaltOffset));
        nonce.CopyTo(bytes.AsSpan(NonceOffset));
        var slot = new KeySlot(bytes);
        wrap(slot, bytes.AsSpan(WrappedKeyOffset, ChainKeys.KeySize), bytes.AsSpan(TagOffset, TagSize));
        return slot;
    }

    /// <summary>Reads a slot that is in use.</summary>
    /// <param name="source">128 bytes whose checksum was found right.</param>
    /// <param name="owner">What holds the table, for messages.</param>
    /// <exception cref="TidemarkException">A field is out of bounds: <see cref="TidemarkError.Damaged"/>.</exception>
    public static KeySlot Read(ReadOnlySpan<byte> source, string owner)
    {
        Debug.Assert(source.Length == Size);
        var slot = new KeySlot(source.ToArray());
        var wrong =
            slot.Kind is not (KeySlotKind.Passphrase or KeySlotKind.KeyFile) ? $"its kind {(int)slot.Kind} is unknown" :
            source[FlagsOffset] != 0 ? $"its flags {source[FlagsOffset]} are unknown" :
            slot.Id == 0 ? "it has no id" :
            slot.Kind == KeySlotKind.Passphrase && !slot.Cost.IsWithinBounds
                ? $"its Argon2id cost ({slot.Cost.MemoryKiB} KiB, {slot.Cost.Passes} passes, {slot.Cost.Parallelism} lanes) is out of bounds" :
            slot.Kind == KeySlotKind.KeyFile && slot.Cost != default ? "a key file has no Argon2id cost" :
            source[ReservedOffset..].ContainsAnyExcept((byte)0) ? "reserved bytes are set" :
            null;
        return wrong is null
            ? slot
            : throw TidemarkException.Damaged(
                $"A key slot of {owner} can't be used: {wrong}. It is malformed, or a newer Tidemark made it.");
    }

    public void Write(Span<byte> target)
    {
        Debug.Assert(target.Length == Size);
        bytes.CopyTo(target);
    }

    /// <summary>Fills in the wrapped key and its tag.</summary>
    public delegate void WrapAction(KeySlot slot, Span<byte> wrappedKey, Span<byte> tag);
}
