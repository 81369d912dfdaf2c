using Tidemark.Engine.Volumes;
using Tidemark.Fuzz.Inputs;

namespace Tidemark.Fuzz.Targets;

/// <summary>The boot sector of NTFS and the record of its label.</summary>
internal static class NtfsTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        NtfsBootSector.TryRead(input);
        Volumes.CheckLabel(NtfsVolumeRecord.TryRead(input.ToArray()));
        Volumes.Check(NtfsBootSector.TryRead(Volumes.At(0, input)));
    }
}
