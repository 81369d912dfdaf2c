using Tidemark.Engine.Volumes;
using Tidemark.Fuzz.Inputs;

namespace Tidemark.Fuzz.Targets;

/// <summary>The superblock of ext2, ext3 and ext4.</summary>
internal static class ExtTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        Volumes.Check(ExtSuperblock.TryRead(input));
        Volumes.Check(ExtSuperblock.TryRead(Volumes.At(1024, input)));
    }
}
