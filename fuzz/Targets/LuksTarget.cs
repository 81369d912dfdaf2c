using Tidemark.Engine.Volumes;
using Tidemark.Fuzz.Inputs;

namespace Tidemark.Fuzz.Targets;

/// <summary>The header of LUKS.</summary>
internal static class LuksTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        Volumes.Check(LuksHeader.TryRead(input));
        Volumes.Check(LuksHeader.TryRead(Volumes.At(0, input)));
    }
}
