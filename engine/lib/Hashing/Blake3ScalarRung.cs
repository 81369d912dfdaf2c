using System.Numerics;
using System.Runtime.CompilerServices;
using static Tidemark.Engine.Hashing.Blake3Constants;

namespace Tidemark.Engine.Hashing;

/// <summary>
/// The lowest rung: one input after the other. The compression is the reference's with the state in variables and the
/// message left where it is, which is several times as fast; it also ends every ladder, where one input is left over.
/// </summary>
internal sealed unsafe class Blake3ScalarRung : Blake3Rung
{
    public override bool IsSupported => true;

    public override void HashMany(in Blake3Job job, byte* input, int count, ulong counter, byte* output)
    {
        var value = stackalloc uint[ValueWords];
        for (var i = 0; i < count; i++)
        {
            new ReadOnlySpan<uint>(job.Key, ValueWords).CopyTo(new Span<uint>(value, ValueWords));
            var inputCounter = (counter + (ulong)i) & job.CounterMask;
            for (var block = 0; block < job.Blocks; block++)
            {
                Compress(value, (uint*)(input + (block * BlockSize)), inputCounter, job.FlagsOf(block));
            }

            new ReadOnlySpan<byte>(value, ValueSize).CopyTo(new Span<byte>(output, ValueSize));
            input += job.Stride;
            output += ValueSize;
        }
    }

    /// <summary>Replaces a chaining value by that of its compression with a whole message (paper, section 2.2).</summary>
    private static void Compress(uint* value, uint* m, ulong counter, uint flags)
    {
        var v0 = value[0];
        var v1 = value[1];
        var v2 = value[2];
        var v3 = value[3];
        var v4 = value[4];
        var v5 = value[5];
        var v6 = value[6];
        var v7 = value[7];
        var v8 = InitialValue0;
        var v9 = InitialValue1;
        var v10 = InitialValue2;
        var v11 = InitialValue3;
        var v12 = (uint)counter;
        var v13 = (uint)(counter >> 32);
        var v14 = (uint)BlockSize;
        var v15 = flags;
        for (var round = 0; round < Rounds; round++)
        {
            var s = MessageSchedule.Slice(round * BlockWords, BlockWords);
            Mix(ref v0, ref v4, ref v8, ref v12, m[s[0]], m[s[1]]);
            Mix(ref v1, ref v5, ref v9, ref v13, m[s[2]], m[s[3]]);
            Mix(ref v2, ref v6, ref v10, ref v14, m[s[4]], m[s[5]]);
            Mix(ref v3, ref v7, ref v11, ref v15, m[s[6]], m[s[7]]);
            Mix(ref v0, ref v5, ref v10, ref v15, m[s[8]], m[s[9]]);
            Mix(ref v1, ref v6, ref v11, ref v12, m[s[10]], m[s[11]]);
            Mix(ref v2, ref v7, ref v8, ref v13, m[s[12]], m[s[13]]);
            Mix(ref v3, ref v4, ref v9, ref v14, m[s[14]], m[s[15]]);
        }

        value[0] = v0 ^ v8;
        value[1] = v1 ^ v9;
        value[2] = v2 ^ v10;
        value[3] = v3 ^ v11;
        value[4] = v4 ^ v12;
        value[5] = v5 ^ v13;
        value[6] = v6 ^ v14;
        value[7] = v7 ^ v15;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(ref uint a, ref uint b, ref uint c, ref uint d, uint first, uint second)
    {
        a += b + first;
        d = BitOperations.RotateRight(d ^ a, 16);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 12);
        a += b + second;
        d = BitOperations.RotateRight(d ^ a, 8);
        c += d;
        b = BitOperations.RotateRight(b ^ c, 7);
    }
}
