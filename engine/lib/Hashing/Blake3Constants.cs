namespace Tidemark.Engine.Hashing;

/// <summary>Sizes, domain flags and tables of BLAKE3 (BLAKE3 paper, sections 2.1 to 2.3).</summary>
internal static class Blake3Constants
{
    /// <summary>Bytes of one compression's message.</summary>
    public const int BlockSize = 64;

    /// <summary>Bytes of a leaf of the hash tree.</summary>
    public const int ChunkSize = 1024;

    /// <summary>Messages of a whole chunk.</summary>
    public const int BlocksPerChunk = ChunkSize / BlockSize;

    /// <summary>Bytes of a chaining value, of a key and of a hash of default length.</summary>
    public const int ValueSize = 32;

    /// <summary>32-bit words of a chaining value or of a key.</summary>
    public const int ValueWords = ValueSize / sizeof(uint);

    /// <summary>32-bit words of a compression's message and of its state.</summary>
    public const int BlockWords = BlockSize / sizeof(uint);

    /// <summary>Rounds of one compression.</summary>
    public const int Rounds = 7;

    /// <summary>First message of a chunk (paper, table 3, as the flags that follow).</summary>
    public const uint ChunkStart = 1;

    /// <summary>Last message of a chunk.</summary>
    public const uint ChunkEnd = 2;

    /// <summary>A parent of two chaining values.</summary>
    public const uint Parent = 4;

    /// <summary>The compression whose output is the hash.</summary>
    public const uint Root = 8;

    /// <summary>Every compression of the mode keyed_hash.</summary>
    public const uint KeyedHash = 16;

    /// <summary>Compressions of the first pass of derive_key, which hashes the context.</summary>
    public const uint DeriveKeyContext = 32;

    /// <summary>Compressions of the second pass of derive_key, which hashes the key material.</summary>
    public const uint DeriveKeyMaterial = 64;

    /// <summary>First word of the initial value, which SHA-256 has too (paper, table 1). Compressions take four of its words.</summary>
    public const uint InitialValue0 = 0x6A09E667;

    /// <summary>Second word of the initial value.</summary>
    public const uint InitialValue1 = 0xBB67AE85;

    /// <summary>Third word of the initial value.</summary>
    public const uint InitialValue2 = 0x3C6EF372;

    /// <summary>Fourth word of the initial value.</summary>
    public const uint InitialValue3 = 0xA54FF53A;

    private static readonly uint[] initialValue =
    [
        InitialValue0, InitialValue1, InitialValue2, InitialValue3, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19,
    ];

    /// <summary>All eight words of the initial value.</summary>
    public static ReadOnlySpan<uint> InitialValue => initialValue;

    /// <summary>
    /// Which message word each round takes at each place, a row a round: the permutation of the paper's table 2
    /// applied no times, once, and so on to six times.
    /// </summary>
    public static ReadOnlySpan<byte> MessageSchedule =>
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8,
        3, 4, 10, 12, 13, 2, 7, 14, 6, 5, 9, 0, 11, 15, 8, 1,
        10, 7, 12, 9, 14, 3, 13, 15, 4, 0, 11, 2, 5, 8, 1, 6,
        12, 13, 9, 11, 15, 10, 14, 8, 7, 2, 5, 3, 0, 1, 6, 4,
        9, 14, 11, 5, 8, 12, 15, 1, 13, 3, 0, 10, 2, 6, 4, 7,
        11, 15, 5, 0, 1, 9, 8, 6, 14, 10, 2, 12, 3, 4, 7, 13,
    ];
}
