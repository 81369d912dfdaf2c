using Tidemark.Engine.Volumes;
using Tidemark.Fuzz.Inputs;

namespace Tidemark.Fuzz.Targets;

/// <summary>The boot sector of FAT and its root folder.</summary>
internal static class FatTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        Volumes.CheckLabel(FatBootSector.TryRead(input)?.Label);
        Volumes.CheckLabel(FatRootFolder.TryRead(input));
        Volumes.Check(FatBootSector.TryRead(Volumes.At(0, input)));
    }
}
