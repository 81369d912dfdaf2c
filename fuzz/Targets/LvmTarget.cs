using Tidemark.Engine.Volumes;
using Tidemark.Fuzz.Inputs;

namespace Tidemark.Fuzz.Targets;

/// <summary>The label of an LVM volume.</summary>
internal static class LvmTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        Volumes.Check(LvmLabel.TryRead(input));
        Volumes.Check(LvmLabel.TryRead(Volumes.At(0, input)));
    }
}
