using Tidemark.Engine.Allocation.Fat;
using Tidemark.Fuzz.Inputs;

namespace Tidemark.Fuzz.Targets;

/// <summary>The map of a FAT volume with all its folders and files; the input is a sparse file.</summary>
internal static class FatMapTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        var source = new MapSource(SparseDevice.Parse(input), _ => { });
        FileWalk.Run(source, "fat32", () => FatMap.TryOpen(source));
    }
}
