using System.Buffers.Binary;
using System.IO.Hashing;

namespace Tidemark.Engine.Format;

/// <summary>Little-endian fields and digests of the format, in one place.</summary>
internal static class Layout
{
    public static ushort U16(ReadOnlySpan<byte> b, int at) => BinaryPrimitives.ReadUInt16LittleEndian(b[at..]);

    public static uint U32(ReadOnlySpan<byte> b, int at) => BinaryPrimitives.ReadUInt32LittleEndian(b[at..]);

    public static ulong U64(ReadOnlySpan<byte> b, int at) => BinaryPrimitives.ReadUInt64LittleEndian(b[at..]);

    /// <summary>An unsigned field that has to fit a signed number; -1 if it doesn't, which no check lets pass.</summary>
    public static long I64(ReadOnlySpan<byte> b, int at)
    {
        var value = U64(b, at);
        return value > long.MaxValue ? -1 : (long)value;
    }

    public static UInt128 U128(ReadOnlySpan<byte> b, int at) => BinaryPrimitives.ReadUInt128LittleEndian(b[at..]);

    /// <summary>A GUID in the order of RFC 9562, as its text form reads.</summary>
    public static Guid Guid(ReadOnlySpan<byte> b, int at) => new(b.Slice(at, 16), bigEndian: true);

    public static void U16(Span<byte> b, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(b[at..], value);

    public static void U32(Span<byte> b, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(b[at..], value);

    public static void U64(Span<byte> b, int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(b[at..], value);

    public static void I64(Span<byte> b, int at, long value) => BinaryPrimitives.WriteInt64LittleEndian(b[at..], value);

    public static void U128(Span<byte> b, int at, UInt128 value) => BinaryPrimitives.WriteUInt128LittleEndian(b[at..], value);

    public static void Guid(Span<byte> b, int at, Guid value) =>
        value.TryWriteBytes(b.Slice(at, 16), bigEndian: true, out _);

    /// <summary>The digest of stored bytes: XXH3-128 without a seed, against damage and not against forgery.</summary>
    public static UInt128 Digest(ReadOnlySpan<byte> stored) => XxHash128.HashToUInt128(stored);

    /// <summary>The short check of a frame's header or payload: XXH3-64 without a seed.</summary>
    public static ulong Check(ReadOnlySpan<byte> stored) => XxHash3.HashToUInt64(stored);

    public static bool AllZero(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept((byte)0) < 0;
}
