using Tidemark.Engine.Volumes;
using Tidemark.Fuzz.Inputs;

namespace Tidemark.Fuzz.Targets;

/// <summary>The superblock of XFS.</summary>
internal static class XfsTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        Volumes.Check(XfsSuperblock.TryRead(input));
        Volumes.Check(XfsSuperblock.TryRead(Volumes.At(0, input)));
    }
}
