using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static Tidemark.Engine.Hashing.Blake3Constants;

namespace Tidemark.Engine.Hashing;

/// <summary>Sixteen lanes in AVX-512 vectors of 512 bits; the foundation instructions are enough.</summary>
internal readonly unsafe struct Blake3Lanes512 : IBlake3Lanes<Vector512<uint>>
{
    /// <summary>Chooses quarters 0 and 2 of two vectors, for Shuffle4x128.</summary>
    private const byte EvenQuarters = 0x88;

    /// <summary>Chooses quarters 1 and 3 of two vectors, for Shuffle4x128.</summary>
    private const byte OddQuarters = 0xDD;

    public static bool IsSupported => Avx512F.IsSupported;

    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Broadcast(uint value) =>
        Avx512F.BroadcastScalarToVector512(Vector128.CreateScalarUnsafe(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Load(uint* values) => Avx512F.LoadVector512(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Add(Vector512<uint> left, Vector512<uint> right) => Avx512F.Add(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> Xor(Vector512<uint> left, Vector512<uint> right) => Avx512F.Xor(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> RotateRight16(Vector512<uint> value) => Avx512F.RotateRight(value, 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> RotateRight12(Vector512<uint> value) => Avx512F.RotateRight(value, 12);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> RotateRight8(Vector512<uint> value) => Avx512F.RotateRight(value, 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<uint> RotateRight7(Vector512<uint> value) => Avx512F.RotateRight(value, 7);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadMessage(byte** inputs, nuint offset, Vector512<uint>* message)
    {
        // The sixteen rows in four groups of four. Afterwards vector c of group g has, in its quarter q,
        // word 4q + c of the four rows of the group.
        LoadGroup(inputs, offset, out var a0, out var a1, out var a2, out var a3);
        LoadGroup(inputs + 4, offset, out var b0, out var b1, out var b2, out var b3);
        LoadGroup(inputs + 8, offset, out var c0, out var c1, out var c2, out var c3);
        LoadGroup(inputs + 12, offset, out var d0, out var d1, out var d2, out var d3);
        GatherWords(a0, b0, c0, d0, message);
        GatherWords(a1, b1, c1, d1, message + 1);
        GatherWords(a2, b2, c2, d2, message + 2);
        GatherWords(a3, b3, c3, d3, message + 3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreValues(Vector512<uint>* words, byte* output)
    {
        TransposeQuarters(words[0], words[1], words[2], words[3], out var low0, out var low1, out var low2, out var low3);
        TransposeQuarters(words[4], words[5], words[6], words[7], out var high0, out var high1, out var high2, out var high3);
        StoreLanes(low0, high0, output);
        StoreLanes(low1, high1, output + ValueSize);
        StoreLanes(low2, high2, output + (2 * ValueSize));
        StoreLanes(low3, high3, output + (3 * ValueSize));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void LoadGroup(
        byte** inputs, nuint offset, out Vector512<uint> word0, out Vector512<uint> word1, out Vector512<uint> word2, out Vector512<uint> word3) =>
        TransposeQuarters(
            Avx512F.LoadVector512((uint*)(inputs[0] + offset)),
            Avx512F.LoadVector512((uint*)(inputs[1] + offset)),
            Avx512F.LoadVector512((uint*)(inputs[2] + offset)),
            Avx512F.LoadVector512((uint*)(inputs[3] + offset)),
            out word0, out word1, out word2, out word3);

    /// <summary>Turns the four squares of four by four words round that stand side by side in four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeQuarters(
        Vector512<uint> row0, Vector512<uint> row1, Vector512<uint> row2, Vector512<uint> row3,
        out Vector512<uint> column0, out Vector512<uint> column1, out Vector512<uint> column2, out Vector512<uint> column3)
    {
        var low01 = Avx512F.UnpackLow(row0, row1).AsUInt64();
        var high01 = Avx512F.UnpackHigh(row0, row1).AsUInt64();
        var low23 = Avx512F.UnpackLow(row2, row3).AsUInt64();
        var high23 = Avx512F.UnpackHigh(row2, row3).AsUInt64();
        column0 = Avx512F.UnpackLow(low01, low23).AsUInt32();
        column1 = Avx512F.UnpackHigh(low01, low23).AsUInt32();
        column2 = Avx512F.UnpackLow(high01, high23).AsUInt32();
        column3 = Avx512F.UnpackHigh(high01, high23).AsUInt32();
    }

    /// <summary>Brings the four groups of rows together, for the message words c, c + 4, c + 8 and c + 12.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void GatherWords(
        Vector512<uint> a, Vector512<uint> b, Vector512<uint> c, Vector512<uint> d, Vector512<uint>* message)
    {
        var evenAb = Avx512F.Shuffle4x128(a, b, EvenQuarters);
        var oddAb = Avx512F.Shuffle4x128(a, b, OddQuarters);
        var evenCd = Avx512F.Shuffle4x128(c, d, EvenQuarters);
        var oddCd = Avx512F.Shuffle4x128(c, d, OddQuarters);
        Avx512F.Store((uint*)message, Avx512F.Shuffle4x128(evenAb, evenCd, EvenQuarters));
        Avx512F.Store((uint*)(message + 4), Avx512F.Shuffle4x128(oddAb, oddCd, EvenQuarters));
        Avx512F.Store((uint*)(message + 8), Avx512F.Shuffle4x128(evenAb, evenCd, OddQuarters));
        Avx512F.Store((uint*)(message + 12), Avx512F.Shuffle4x128(oddAb, oddCd, OddQuarters));
    }

    /// <summary>Stores the two halves of the chaining values of lanes r, r + 4, r + 8 and r + 12.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreLanes(Vector512<uint> low, Vector512<uint> high, byte* output)
    {
        const int step = 4 * ValueWords;
        var at = (uint*)output;
        Sse2.Store(at, Avx512F.ExtractVector128(low, 0));
        Sse2.Store(at + 4, Avx512F.ExtractVector128(high, 0));
        Sse2.Store(at + step, Avx512F.ExtractVector128(low, 1));
        Sse2.Store(at + step + 4, Avx512F.ExtractVector128(high, 1));
        Sse2.Store(at + (2 * step), Avx512F.ExtractVector128(low, 2));
        Sse2.Store(at + (2 * step) + 4, Avx512F.ExtractVector128(high, 2));
        Sse2.Store(at + (3 * step), Avx512F.ExtractVector128(low, 3));
        Sse2.Store(at + (3 * step) + 4, Avx512F.ExtractVector128(high, 3));
    }
}
