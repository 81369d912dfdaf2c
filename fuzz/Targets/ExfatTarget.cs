using Tidemark.Engine.Volumes;
using Tidemark.Fuzz.Inputs;

namespace Tidemark.Fuzz.Targets;

/// <summary>The boot sector of exFAT and its root folder.</summary>
internal static class ExfatTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        ExfatBootSector.TryRead(input);
        Volumes.CheckLabel(ExfatRootFolder.TryRead(input));
        Volumes.Check(ExfatBootSector.TryRead(Volumes.At(0, input)));
    }
}
