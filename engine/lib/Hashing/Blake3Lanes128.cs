using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using static Tidemark.Engine.Hashing.Blake3Constants;

namespace Tidemark.Engine.Hashing;

/// <summary>
/// Four lanes in vectors of 128 bits. Every machine that .NET runs on has them in hardware, so operators are safe here;
/// only the interleaving of two vectors has no portable name.
/// </summary>
internal readonly unsafe struct Blake3Lanes128 : IBlake3Lanes<Vector128<uint>>
{
    public static bool IsSupported => Vector128.IsHardwareAccelerated;

    public static int Count => 4;

    /// <summary>
    /// Whether bytes are shuffled in one instruction. A program compiled ahead of time for x64 of the oldest kind only
    /// learns of SSSE3 when it runs, and would call a function for every portable shuffle.
    /// </summary>
    private static bool HasShuffle
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Ssse3.IsSupported || AdvSimd.IsSupported;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Broadcast(uint value) => Vector128.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Load(uint* values) => Vector128.Load(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Add(Vector128<uint> left, Vector128<uint> right) => left + right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> Xor(Vector128<uint> left, Vector128<uint> right) => left ^ right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> RotateRight16(Vector128<uint> value) => HasShuffle
        ? Shuffle(value, Vector128.Create((byte)2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13))
        : (value >>> 16) | (value << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> RotateRight12(Vector128<uint> value) => (value >>> 12) | (value << 20);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> RotateRight8(Vector128<uint> value) => HasShuffle
        ? Shuffle(value, Vector128.Create((byte)1, 2, 3, 0, 5, 6, 7, 4, 9, 10, 11, 8, 13, 14, 15, 12))
        : (value >>> 8) | (value << 24);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<uint> RotateRight7(Vector128<uint> value) => (value >>> 7) | (value << 25);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadMessage(byte** inputs, nuint offset, Vector128<uint>* message)
    {
        for (var part = 0; part < BlockWords / 4; part++)
        {
            var at = offset + (nuint)(part * sizeof(Vector128<uint>));
            var row0 = Vector128.Load((uint*)(inputs[0] + at));
            var row1 = Vector128.Load((uint*)(inputs[1] + at));
            var row2 = Vector128.Load((uint*)(inputs[2] + at));
            var row3 = Vector128.Load((uint*)(inputs[3] + at));
            Transpose(ref row0, ref row1, ref row2, ref row3);
            message[(part * 4) + 0] = row0;
            message[(part * 4) + 1] = row1;
            message[(part * 4) + 2] = row2;
            message[(part * 4) + 3] = row3;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreValues(Vector128<uint>* words, byte* output)
    {
        for (var part = 0; part < ValueWords / 4; part++)
        {
            var row0 = words[(part * 4) + 0];
            var row1 = words[(part * 4) + 1];
            var row2 = words[(part * 4) + 2];
            var row3 = words[(part * 4) + 3];
            Transpose(ref row0, ref row1, ref row2, ref row3);
            var at = (uint*)(output + (part * sizeof(Vector128<uint>)));
            row0.Store(at);
            row1.Store(at + ValueWords);
            row2.Store(at + (2 * ValueWords));
            row3.Store(at + (3 * ValueWords));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Shuffle(Vector128<uint> value, Vector128<byte> from) => Ssse3.IsSupported
        ? Ssse3.Shuffle(value.AsByte(), from).AsUInt32()
        : Vector128.Shuffle(value.AsByte(), from).AsUInt32();

    /// <summary>Turns a square of four by four words round.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(ref Vector128<uint> row0, ref Vector128<uint> row1, ref Vector128<uint> row2, ref Vector128<uint> row3)
    {
        var low01 = InterleaveLow(row0, row1).AsUInt64();
        var high01 = InterleaveHigh(row0, row1).AsUInt64();
        var low23 = InterleaveLow(row2, row3).AsUInt64();
        var high23 = InterleaveHigh(row2, row3).AsUInt64();
        row0 = Vector128.Create(low01.GetLower(), low23.GetLower()).AsUInt32();
        row1 = Vector128.Create(low01.GetUpper(), low23.GetUpper()).AsUInt32();
        row2 = Vector128.Create(high01.GetLower(), high23.GetLower()).AsUInt32();
        row3 = Vector128.Create(high01.GetUpper(), high23.GetUpper()).AsUInt32();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> InterleaveLow(Vector128<uint> left, Vector128<uint> right)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.UnpackLow(left, right);
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.ZipLow(left, right);
        }

        return Vector128.Create(left[0], right[0], left[1], right[1]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> InterleaveHigh(Vector128<uint> left, Vector128<uint> right)
    {
        if (Sse2.IsSupported)
        {
            return Sse2.UnpackHigh(left, right);
        }

        if (AdvSimd.Arm64.IsSupported)
        {
            return AdvSimd.Arm64.ZipHigh(left, right);
        }

        return Vector128.Create(left[2], right[2], left[3], right[3]);
    }
}
