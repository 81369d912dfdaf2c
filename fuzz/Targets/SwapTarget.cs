using Tidemark.Engine.Volumes;
using Tidemark.Fuzz.Inputs;

namespace Tidemark.Fuzz.Targets;

/// <summary>The header of swap space.</summary>
internal static class SwapTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        Volumes.Check(SwapHeader.TryRead(input));
        Volumes.Check(SwapHeader.TryRead(Volumes.At(0, input)));
    }
}
