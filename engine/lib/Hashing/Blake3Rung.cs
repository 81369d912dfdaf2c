using System.Diagnostics;
using System.Runtime.Intrinsics;

namespace Tidemark.Engine.Hashing;

/// <summary>
/// One rung of the ladder of BLAKE3 implementations: it compresses many equal inputs at once, as many side by side as
/// its vectors have lanes. What is left over goes down the ladder. Rungs have no state and are used from any thread.
/// </summary>
internal abstract unsafe class Blake3Rung
{
    /// <summary>One input at a time.</summary>
    public static readonly Blake3Rung Scalar = new Blake3ScalarRung();

    /// <summary>Four lanes: SSE on x64, NEON on Arm.</summary>
    public static readonly Blake3Rung Vector128 = new Blake3LaneRung<Vector128<uint>, Blake3Lanes128>(Scalar);

    /// <summary>Eight lanes: AVX2.</summary>
    public static readonly Blake3Rung Avx2 = new Blake3LaneRung<Vector256<uint>, Blake3Lanes256>(Vector128);

    /// <summary>Sixteen lanes: AVX-512.</summary>
    public static readonly Blake3Rung Avx512 = new Blake3LaneRung<Vector512<uint>, Blake3Lanes512>(Avx2);

    /// <summary>The fastest rung of this machine, chosen once.</summary>
    public static readonly Blake3Rung Best = Choose();

    /// <summary>Whether this machine can run the rung.</summary>
    public abstract bool IsSupported { get; }

    /// <summary>
    /// Compresses <paramref name="count"/> inputs that follow each other at <paramref name="input"/> and writes their
    /// chaining values, 32 bytes each, to <paramref name="output"/>. Parents may be written over their own inputs:
    /// <paramref name="output"/> is then <paramref name="input"/>.
    /// </summary>
    public abstract void HashMany(in Blake3Job job, byte* input, int count, ulong counter, byte* output);

    private static Blake3Rung Choose()
    {
        Debug.Assert(BitConverter.IsLittleEndian, "the rungs read message words as the machine has them");
        return Avx512.IsSupported ? Avx512 : Avx2.IsSupported ? Avx2 : Vector128.IsSupported ? Vector128 : Scalar;
    }
}
