using static Tidemark.Engine.Hashing.Blake3Constants;

namespace Tidemark.Engine.Hashing;

/// <summary>The lowest rung: the reference's compression, one input after the other.</summary>
internal sealed unsafe class Blake3ScalarRung : Blake3Rung
{
    public override bool IsSupported => true;

    public override void HashMany(in Blake3Job job, byte* input, int count, ulong counter, byte* output)
    {
        Span<uint> value = stackalloc uint[BlockWords];
        for (var i = 0; i < count; i++)
        {
            new ReadOnlySpan<uint>(job.Key, ValueWords).CopyTo(value);
            var inputCounter = (counter + (ulong)i) & job.CounterMask;
            for (var block = 0; block < job.Blocks; block++)
            {
                var message = new ReadOnlySpan<byte>(input + (block * BlockSize), BlockSize);
                Blake3Reference.Compress(value[..ValueWords], message, inputCounter, BlockSize, job.FlagsOf(block), value);
            }

            value[..ValueWords].CopyTo(new Span<uint>(output, ValueWords));
            input += job.Stride;
            output += ValueSize;
        }
    }
}
