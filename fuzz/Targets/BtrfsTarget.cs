using Tidemark.Engine.Volumes;
using Tidemark.Fuzz.Inputs;

namespace Tidemark.Fuzz.Targets;

/// <summary>The superblock of btrfs.</summary>
internal static class BtrfsTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        Volumes.Check(BtrfsSuperblock.TryRead(input));
        Volumes.Check(BtrfsSuperblock.TryRead(Volumes.At(0x10000, input)));
    }
}
