using Tidemark.Engine.Allocation;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Inputs;

/// <summary>The files of a volume that has a map: each extent is inside, and the walk ends.</summary>
internal sealed class FileWalk(AllocationSource source) : IFileVisitor
{
    /// <summary>Names that a small input can describe: more are a walk that doesn't end.</summary>
    private const int MaxNames = 1 << 17;

    private int names;

    /// <summary>Opens a map, reads it to its end, and walks the files of its volume.</summary>
    public static void Run(AllocationSource source, string fileSystem, Func<AllocationMap?> open)
    {
        MapSource.Walk(open);
        try
        {
            using var map = open();
            if (map is not null)
            {
                VolumeFiles.TryOpen(source, fileSystem)?.Walk(new FileWalk(source), CancellationToken.None);
            }
        }
        catch (AllocationException e)
        {
            FindException.Unless(e.Message.Length > 0, "A walk ends without a reason.");
        }
    }

    public bool Wants(ReadOnlySpan<char> path)
    {
        FindException.Unless(path.Length > 0 && names++ < MaxNames, "A walk has no end, or a file no name.");
        return true;
    }

    public void Visit(ReadOnlySpan<char> path, NamedFile file, IReadOnlyList<ContentExtent> extents)
    {
        foreach (var extent in extents)
        {
            FindException.Unless(extent.Offset >= 0 && extent.Length > 0 && extent.End <= source.Length, $"A file of a volume of {source.Length} bytes has {extent}.");
        }
    }
}
