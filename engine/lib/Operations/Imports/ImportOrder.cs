using Tidemark.Engine.Locations;

namespace Tidemark.Engine.Operations.Imports;

/// <summary>Puts files into the order in which they become points of a chain: what others build on first, and by time.</summary>
internal static class ImportOrder
{
    /// <exception cref="TidemarkException">A file is given twice.</exception>
    public static void RequireDifferent(IReadOnlyList<ImportFile> files)
    {
        var byKey = new Dictionary<string, ImportFile>(files.Count, StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (!byKey.TryAdd(file.Key, file))
            {
                throw TidemarkException.WrongUse(
                    $"{byKey[file.Key].Path} and {file.Path} hold the same content by their ids, or are one file. Give one of them.");
            }
        }
    }

    /// <param name="files">In any order, each once.</param>
    /// <param name="unlinked">Whether files that aren't linked with each other may be points of one chain.</param>
    /// <exception cref="TidemarkException">They lead in a circle, or aren't linked.</exception>
    public static IReadOnlyList<ImportFile> Of(IReadOnlyList<ImportFile> files, bool unlinked)
    {
        var byKey = files.ToDictionary(file => file.Key, StringComparer.Ordinal);
        var roots = files.Where(f => f.ParentKey is null || !byKey.ContainsKey(f.ParentKey)).ToList();
        if (roots.Count == 0)
        {
            throw TidemarkException.Damaged($"{files[0].Path} and what it builds on lead in a circle, so that none of them holds content.");
        }

        // A parent may be outside of what is given; files that share it are linked all the same.
        if (!unlinked && roots.DistinctBy(r => r.ParentKey ?? r.Key).Skip(1).FirstOrDefault() is { } other)
        {
            throw TidemarkException.WrongUse(
                $"{roots[0].Path} and {other.Path} don't build on each other. Import each alone; or, if they are one disk at different times, "
                + "give them one chain, whose points they become in the order of their times.",
                Advice.NameChain);
        }

        var children = files.Except(roots).ToLookup(f => f.ParentKey!, StringComparer.Ordinal);
        var ready = new PriorityQueue<ImportFile, (DateTimeOffset Time, int Given)>();
        roots.ForEach(Ready);
        List<ImportFile> order = [];
        while (ready.TryDequeue(out var next, out _))
        {
            order.Add(next);
            foreach (var child in children[next.Key])
            {
                Ready(child);
            }
        }

        return order.Count == files.Count
            ? order
            : throw TidemarkException.Damaged($"{files.Except(order).First().Path} and what it builds on lead in a circle, so that none of them holds content.");

        void Ready(ImportFile file) => ready.Enqueue(file, (file.Time, IndexOf(file)));

        int IndexOf(ImportFile file)
        {
            for (var i = 0; i < files.Count; i++)
            {
                if (ReferenceEquals(files[i], file))
                {
                    return i;
                }
            }

            return files.Count;
        }
    }
}
