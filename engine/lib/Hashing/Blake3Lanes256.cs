using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using static Tidemark.Engine.Hashing.Blake3Constants;

namespace Tidemark.Engine.Hashing;

/// <summary>Eight lanes in AVX2 vectors of 256 bits.</summary>
internal readonly unsafe struct Blake3Lanes256 : IBlake3Lanes<Vector256<uint>>
{
    /// <summary>Chooses the low halves of two vectors, for Permute2x128.</summary>
    private const byte LowHalves = 0x20;

    /// <summary>Chooses the high halves of two vectors, for Permute2x128.</summary>
    private const byte HighHalves = 0x31;

    public static bool IsSupported => Avx2.IsSupported;

    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Broadcast(uint value) => Avx2.BroadcastScalarToVector256(&value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Load(uint* values) => Avx.LoadVector256(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Add(Vector256<uint> left, Vector256<uint> right) => Avx2.Add(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> Xor(Vector256<uint> left, Vector256<uint> right) => Avx2.Xor(left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> RotateRight16(Vector256<uint> value) => Avx2.Shuffle(
        value.AsByte(),
        Vector256.Create(
            (byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13,
            2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> RotateRight12(Vector256<uint> value) =>
        Avx2.Or(Avx2.ShiftRightLogical(value, 12), Avx2.ShiftLeftLogical(value, 20));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> RotateRight8(Vector256<uint> value) => Avx2.Shuffle(
        value.AsByte(),
        Vector256.Create(
            (byte)1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12,
            1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12)).AsUInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<uint> RotateRight7(Vector256<uint> value) =>
        Avx2.Or(Avx2.ShiftRightLogical(value, 7), Avx2.ShiftLeftLogical(value, 25));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadMessage(byte** inputs, nuint offset, Vector256<uint>* message)
    {
        for (var part = 0; part < 2; part++)
        {
            var at = offset + (nuint)(part * sizeof(Vector256<uint>));
            Transpose(
                Avx.LoadVector256((uint*)(inputs[0] + at)),
                Avx.LoadVector256((uint*)(inputs[1] + at)),
                Avx.LoadVector256((uint*)(inputs[2] + at)),
                Avx.LoadVector256((uint*)(inputs[3] + at)),
                Avx.LoadVector256((uint*)(inputs[4] + at)),
                Avx.LoadVector256((uint*)(inputs[5] + at)),
                Avx.LoadVector256((uint*)(inputs[6] + at)),
                Avx.LoadVector256((uint*)(inputs[7] + at)),
                (uint*)(message + (part * Count)));
        }
    }

    // A row of the square is a lane's chaining value, whole.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreValues(Vector256<uint>* words, byte* output) =>
        Transpose(words[0], words[1], words[2], words[3], words[4], words[5], words[6], words[7], (uint*)output);

    /// <summary>Turns a square of eight by eight words round and stores it, row after row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(
        Vector256<uint> row0, Vector256<uint> row1, Vector256<uint> row2, Vector256<uint> row3,
        Vector256<uint> row4, Vector256<uint> row5, Vector256<uint> row6, Vector256<uint> row7, uint* output)
    {
        // Pairs of words, then of pairs, within the halves of the vectors; then the halves.
        var low01 = Avx2.UnpackLow(row0, row1).AsUInt64();
        var high01 = Avx2.UnpackHigh(row0, row1).AsUInt64();
        var low23 = Avx2.UnpackLow(row2, row3).AsUInt64();
        var high23 = Avx2.UnpackHigh(row2, row3).AsUInt64();
        var low45 = Avx2.UnpackLow(row4, row5).AsUInt64();
        var high45 = Avx2.UnpackHigh(row4, row5).AsUInt64();
        var low67 = Avx2.UnpackLow(row6, row7).AsUInt64();
        var high67 = Avx2.UnpackHigh(row6, row7).AsUInt64();
        StoreHalves(Avx2.UnpackLow(low01, low23), Avx2.UnpackLow(low45, low67), output);
        StoreHalves(Avx2.UnpackHigh(low01, low23), Avx2.UnpackHigh(low45, low67), output + ValueWords);
        StoreHalves(Avx2.UnpackLow(high01, high23), Avx2.UnpackLow(high45, high67), output + (2 * ValueWords));
        StoreHalves(Avx2.UnpackHigh(high01, high23), Avx2.UnpackHigh(high45, high67), output + (3 * ValueWords));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreHalves(Vector256<ulong> left, Vector256<ulong> right, uint* output)
    {
        Avx.Store(output, Avx2.Permute2x128(left, right, LowHalves).AsUInt32());
        Avx.Store(output + (4 * ValueWords), Avx2.Permute2x128(left, right, HighHalves).AsUInt32());
    }
}
