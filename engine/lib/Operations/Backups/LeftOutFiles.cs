using Microsoft.Extensions.FileSystemGlobbing;
using Tidemark.Engine.Allocation;

namespace Tidemark.Engine.Operations.Backups;

/// <summary>
/// The content of files that somebody wants left out, by patterns over their paths: <c>*</c> and <c>?</c> stay within a name, <c>**</c>
/// goes through folders. A pattern without a slash is meant in every folder, one with a slash from the root; and of a folder all that
/// is in it. Letters are alike in both cases, as they are to the file systems that this works on.
/// </summary>
internal sealed class LeftOutFiles : IFileVisitor
{
    /// <summary>Pieces of content that are kept in memory, 16 MiB: more than that says that a pattern was meant for something else.</summary>
    private const int MostPieces = 1 << 20;

    /// <summary>Files that are named in the image's metadata; how many there are more is told by number.</summary>
    private const int MostNamed = 1000;

    private readonly Matcher matcher = new(StringComparison.OrdinalIgnoreCase);
    private readonly Dictionary<long, int> linked = [];
    private readonly List<string> names = [];
    private readonly List<ContentExtent> contents = [];
    private readonly long start;
    private readonly string prefix;

    /// <param name="patterns">At least one.</param>
    /// <param name="start">Where the volume begins in the source, in bytes.</param>
    /// <param name="partition">Its number; null where the source has no partition table.</param>
    public LeftOutFiles(IReadOnlyList<string> patterns, long start, int? partition)
    {
        this.start = start;
        prefix = partition is { } number ? $"{number}:" : "";
        foreach (var pattern in patterns)
        {
            var path = pattern.Replace('\\', '/').TrimEnd('/');
            path = path.Contains('/', StringComparison.Ordinal) ? path.TrimStart('/') : $"**/{path}";
            matcher.AddInclude(path);
            matcher.AddInclude($"{path}/**");
        }
    }

    /// <summary>Files whose content is left out.</summary>
    public int Count { get; private set; }

    /// <summary>Their names, of the first <see cref="MostNamed"/>.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>Where the content lies, in bytes of the source.</summary>
    public List<ContentExtent> Contents => contents;

    public bool Wants(ReadOnlySpan<char> path) => matcher.Match(path.ToString()).HasMatches;

    public void Visit(ReadOnlySpan<char> path, NamedFile file, IReadOnlyList<ContentExtent> extents)
    {
        // Content within a record is as small as its name, and a file that has another name as well is wanted by that: they stay.
        if (extents.Count == 0 || (file.Names > 1 && !HasComeByAllNames(file)))
        {
            return;
        }

        if (contents.Count + extents.Count > MostPieces)
        {
            throw new AllocationException($"more than {MostPieces} pieces of files were to be left out");
        }

        Count++;
        if (names.Count < MostNamed)
        {
            names.Add($"{prefix}/{path}");
        }

        foreach (var extent in extents)
        {
            contents.Add(extent with { Offset = start + extent.Offset });
        }
    }

    private bool HasComeByAllNames(NamedFile file)
    {
        var names = linked[file.Id] = linked.GetValueOrDefault(file.Id) + 1;
        return names == file.Names;
    }
}
