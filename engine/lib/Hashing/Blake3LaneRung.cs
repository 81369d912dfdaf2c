using System.Diagnostics;
using System.Runtime.CompilerServices;
using static Tidemark.Engine.Hashing.Blake3Constants;

namespace Tidemark.Engine.Hashing;

/// <summary>
/// The compression function on as many inputs side by side as a vector has lanes (BLAKE3 paper, section 5.3): each of
/// the sixteen state words is a vector with one lane an input, so that no word ever changes its lane.
/// </summary>
/// <param name="narrower">Takes what would leave half of the lanes or more idle.</param>
internal sealed unsafe class Blake3LaneRung<TVector, TLanes>(Blake3Rung narrower) : Blake3Rung
    where TVector : unmanaged
    where TLanes : struct, IBlake3Lanes<TVector>
{
    /// <summary>The widest vectors have sixteen lanes, which bounds what stands on the stack.</summary>
    private const int MaxLanes = 16;

    /// <summary>Bytes of a cache line and of the widest vector: message vectors that straddle lines load at half the speed.</summary>
    private const int VectorAlignment = 64;

    public override bool IsSupported => TLanes.IsSupported;

    public override void HashMany(in Blake3Job job, byte* input, int count, ulong counter, byte* output)
    {
        Debug.Assert(IsSupported && TLanes.Count <= MaxLanes);
        while (count > TLanes.Count / 2)
        {
            var taken = Math.Min(count, TLanes.Count);
            HashGroup(job, input, taken, counter, output);
            count -= taken;
            counter += (ulong)taken;
            input += taken * job.Stride;
            output += taken * ValueSize;
        }

        if (count > 0)
        {
            narrower.HashMany(job, input, count, counter, output);
        }
    }

    [SkipLocalsInit]
    private static void HashGroup(in Blake3Job job, byte* input, int count, ulong counter, byte* output)
    {
        Debug.Assert(count >= 1 && count <= TLanes.Count);
        var inputs = stackalloc byte*[MaxLanes];
        var countersLow = stackalloc uint[MaxLanes];
        var countersHigh = stackalloc uint[MaxLanes];
        for (var lane = 0; lane < TLanes.Count; lane++)
        {
            // Idle lanes repeat the last input; their values are not kept.
            var index = Math.Min(lane, count - 1);
            inputs[lane] = input + (index * job.Stride);
            var laneCounter = (counter + (ulong)index) & job.CounterMask;
            countersLow[lane] = (uint)laneCounter;
            countersHigh[lane] = (uint)(laneCounter >> 32);
        }

        var buffer = stackalloc byte[(BlockWords * MaxLanes * sizeof(uint)) + VectorAlignment];
        var message = (TVector*)(((nuint)buffer + VectorAlignment - 1) & ~(nuint)(VectorAlignment - 1));

        var h0 = TLanes.Broadcast(job.Key[0]);
        var h1 = TLanes.Broadcast(job.Key[1]);
        var h2 = TLanes.Broadcast(job.Key[2]);
        var h3 = TLanes.Broadcast(job.Key[3]);
        var h4 = TLanes.Broadcast(job.Key[4]);
        var h5 = TLanes.Broadcast(job.Key[5]);
        var h6 = TLanes.Broadcast(job.Key[6]);
        var h7 = TLanes.Broadcast(job.Key[7]);

        for (var block = 0; block < job.Blocks; block++)
        {
            TLanes.LoadMessage(inputs, (nuint)(block * BlockSize), message);
            var v8 = TLanes.Broadcast(InitialValue0);
            var v9 = TLanes.Broadcast(InitialValue1);
            var v10 = TLanes.Broadcast(InitialValue2);
            var v11 = TLanes.Broadcast(InitialValue3);
            var v12 = TLanes.Load(countersLow);
            var v13 = TLanes.Load(countersHigh);
            var v14 = TLanes.Broadcast(BlockSize);
            var v15 = TLanes.Broadcast(job.FlagsOf(block));

            for (var round = 0; round < Rounds; round++)
            {
                var schedule = MessageSchedule.Slice(round * BlockWords, BlockWords);
                Mix(
                    ref h0, ref h1, ref h2, ref h3, ref h4, ref h5, ref h6, ref h7,
                    ref v8, ref v9, ref v10, ref v11, ref v12, ref v13, ref v14, ref v15, message, schedule);
                Mix(
                    ref h0, ref h1, ref h2, ref h3, ref h5, ref h6, ref h7, ref h4,
                    ref v10, ref v11, ref v8, ref v9, ref v15, ref v12, ref v13, ref v14, message, schedule[8..]);
            }

            h0 = TLanes.Xor(h0, v8);
            h1 = TLanes.Xor(h1, v9);
            h2 = TLanes.Xor(h2, v10);
            h3 = TLanes.Xor(h3, v11);
            h4 = TLanes.Xor(h4, v12);
            h5 = TLanes.Xor(h5, v13);
            h6 = TLanes.Xor(h6, v14);
            h7 = TLanes.Xor(h7, v15);
        }

        // The message is used up: its room takes the values, and the values of idle lanes if there are any.
        var words = message;
        words[0] = h0;
        words[1] = h1;
        words[2] = h2;
        words[3] = h3;
        words[4] = h4;
        words[5] = h5;
        words[6] = h6;
        words[7] = h7;
        if (count == TLanes.Count)
        {
            TLanes.StoreValues(words, output);
            return;
        }

        var values = (byte*)(message + ValueWords);
        TLanes.StoreValues(words, values);
        new ReadOnlySpan<byte>(values, count * ValueSize).CopyTo(new Span<byte>(output, count * ValueSize));
    }

    /// <summary>
    /// The function G of the paper's section 2.2 on the four columns or the four diagonals at once. The four are
    /// independent of each other, and written interleaved so that the processor needn't look far ahead to see it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Mix(
        ref TVector a0, ref TVector a1, ref TVector a2, ref TVector a3,
        ref TVector b0, ref TVector b1, ref TVector b2, ref TVector b3,
        ref TVector c0, ref TVector c1, ref TVector c2, ref TVector c3,
        ref TVector d0, ref TVector d1, ref TVector d2, ref TVector d3,
        TVector* message, ReadOnlySpan<byte> schedule)
    {
        a0 = TLanes.Add(TLanes.Add(a0, message[schedule[0]]), b0);
        a1 = TLanes.Add(TLanes.Add(a1, message[schedule[2]]), b1);
        a2 = TLanes.Add(TLanes.Add(a2, message[schedule[4]]), b2);
        a3 = TLanes.Add(TLanes.Add(a3, message[schedule[6]]), b3);
        d0 = TLanes.RotateRight16(TLanes.Xor(d0, a0));
        d1 = TLanes.RotateRight16(TLanes.Xor(d1, a1));
        d2 = TLanes.RotateRight16(TLanes.Xor(d2, a2));
        d3 = TLanes.RotateRight16(TLanes.Xor(d3, a3));
        c0 = TLanes.Add(c0, d0);
        c1 = TLanes.Add(c1, d1);
        c2 = TLanes.Add(c2, d2);
        c3 = TLanes.Add(c3, d3);
        b0 = TLanes.RotateRight12(TLanes.Xor(b0, c0));
        b1 = TLanes.RotateRight12(TLanes.Xor(b1, c1));
        b2 = TLanes.RotateRight12(TLanes.Xor(b2, c2));
        b3 = TLanes.RotateRight12(TLanes.Xor(b3, c3));
        a0 = TLanes.Add(TLanes.Add(a0, message[schedule[1]]), b0);
        a1 = TLanes.Add(TLanes.Add(a1, message[schedule[3]]), b1);
        a2 = TLanes.Add(TLanes.Add(a2, message[schedule[5]]), b2);
        a3 = TLanes.Add(TLanes.Add(a3, message[schedule[7]]), b3);
        d0 = TLanes.RotateRight8(TLanes.Xor(d0, a0));
        d1 = TLanes.RotateRight8(TLanes.Xor(d1, a1));
        d2 = TLanes.RotateRight8(TLanes.Xor(d2, a2));
        d3 = TLanes.RotateRight8(TLanes.Xor(d3, a3));
        c0 = TLanes.Add(c0, d0);
        c1 = TLanes.Add(c1, d1);
        c2 = TLanes.Add(c2, d2);
        c3 = TLanes.Add(c3, d3);
        b0 = TLanes.RotateRight7(TLanes.Xor(b0, c0));
        b1 = TLanes.RotateRight7(TLanes.Xor(b1, c1));
        b2 = TLanes.RotateRight7(TLanes.Xor(b2, c2));
        b3 = TLanes.RotateRight7(TLanes.Xor(b3, c3));
    }
}
