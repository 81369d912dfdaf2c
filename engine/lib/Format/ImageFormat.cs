namespace Tidemark.Engine.Format;

/// <summary>The constants of image format version 1; engine/FORMAT.md has the bytes.</summary>
internal static class ImageFormat
{
    public const ushort Version = 1;

    /// <summary>Bytes before the payload of every part: one page, so that the payload of a part starts aligned.</summary>
    public const int HeaderSize = 4096;

    public const int FooterSize = 512;

    public const int DigestSize = 16;

    /// <summary>Everything in the payload starts at a multiple of this, which makes a search for frames cheap.</summary>
    public const int Alignment = 16;

    public const int MinBlockSize = 4 << 10;

    public const int MaxBlockSize = 1 << 20;

    /// <summary>An index page, header and digest included: 4 MiB of volume at the default block size, one read.</summary>
    public const int MaxPageSize = 16 << 10;

    /// <summary>A fanout of 400 reaches 2^64 blocks of one page each long before that.</summary>
    public const int MaxLevels = 8;

    /// <summary>
    /// Plain bytes of a frame, unless one block is larger: large enough that compression loses little,
    /// small enough that a random read of a served image decodes it in a fraction of a millisecond.
    /// </summary>
    public const int DefaultFrameBytes = 128 << 10;

    /// <summary>No frame holds more plain bytes than the largest block.</summary>
    public const int MaxFrameBytes = MaxBlockSize;

    /// <summary>Blocks of one frame: as many as a frame of the smallest blocks can have.</summary>
    public const int MaxFrameBlocks = MaxFrameBytes / MinBlockSize;

    /// <summary>
    /// Ranges that one frame lists: every block on its own with room for extents without content between them, and still
    /// short enough to be authenticated together with the payload.
    /// </summary>
    public const int MaxFrameRanges = 400;

    /// <summary>Each range takes at most two LEB128 numbers of nine bytes; the check stands behind them.</summary>
    public const int MaxFrameHeader = FrameFixedHeader + (MaxFrameRanges * 2 * Varint.MaxSize) + 8;

    public const int FrameFixedHeader = 64;

    /// <summary>Statistics and a bounded list of bad ranges as JSON stay far below it.</summary>
    public const int MaxMetadata = 4 << 20;

    /// <summary>2^62 bytes: offsets and their sums stay within a signed 64-bit number.</summary>
    public const long MaxSourceBytes = 1L << 62;

    /// <summary>A part holds at least its header and a page of payload.</summary>
    public const long MinPartSize = 64 << 10;

    /// <summary>Parts of an image; at 64 KiB a part that is 4 GiB, at the usual 4 GiB far more than any volume.</summary>
    public const int MaxParts = 65536;

    /// <summary>
    /// Images that a point in time may be made of, healing images aside: a merge holds a page of every one. A backup that
    /// would have more is differential.
    /// </summary>
    public const int MaxLineage = 4096;

    public static ReadOnlySpan<byte> HeaderMagic => "TIDEMARK"u8;

    public static ReadOnlySpan<byte> PartMagic => "TIDEPART"u8;

    public static ReadOnlySpan<byte> FooterMagic => "TIDEFOOT"u8;

    public static ReadOnlySpan<byte> FrameMagic => "TDMF"u8;

    public static ReadOnlySpan<byte> LeafMagic => "TDMI"u8;

    public static ReadOnlySpan<byte> DirectoryMagic => "TDMD"u8;

    public static long AlignUp(long value) => (value + Alignment - 1) & -Alignment;
}
