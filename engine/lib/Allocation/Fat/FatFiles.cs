using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Allocation.Fat;

/// <summary>The files of FAT by their long names; by the short one where there is none, as the system's own letters have it.</summary>
internal sealed class FatFiles(FatBootSector boot, FatFolders folders, FatTable table) : FileExtents
{
    /// <exception cref="AllocationException">The tables aren't to be read.</exception>
    public static FatFiles? Open(AllocationSource volume)
    {
        if (FatMap.TryReadBoot(volume) is not { } boot)
        {
            return null;
        }

        var table = FatMap.Open(volume, boot);
        return new FatFiles(boot, new FatFolders(volume, boot, table), table);
    }

    public override void Walk(IFileVisitor visitor, CancellationToken cancellation)
    {
        var waiting = new Stack<(long Folder, string Path)>();
        var visited = 0;
        waiting.Push((0, ""));
        while (waiting.TryPop(out var next))
        {
            var longName = new FatLongName();
            var isOver = false;
            folders.Read(next.Folder, entry =>
            {
                cancellation.ThrowIfCancellationRequested();
                isOver |= entry.IsEnd;
                if (isOver || entry.IsDeleted)
                {
                    longName.Clear();
                }
                else if (entry.IsLongName)
                {
                    longName.Add(entry);
                }
                else
                {
                    var name = longName.Take(entry) ?? FatShortName.Of(entry);
                    var path = next.Path + name;
                    // Who has no name can't be meant by one.
                    if (name.Length > 0 && entry is { IsLabel: false, IsDots: false } && entry.ClusterOf(boot.Type) is var cluster)
                    {
                        if (!entry.IsFolder)
                        {
                            Visit(visitor, path, cluster);
                        }
                        else if (cluster != 0)
                        {
                            waiting.Push((cluster, path + "/"));
                        }
                    }
                }
            });

            // What goes round comes by the same folders for ever.
            if (++visited + waiting.Count > MostFolders)
            {
                throw new AllocationException($"it has more than {MostFolders} folders");
            }
        }
    }

    private void Visit(IFileVisitor visitor, string path, long first)
    {
        if (!visitor.Wants(path))
        {
            return;
        }

        var extents = new List<ContentExtent>();
        long clusters = 0;
        for (var cluster = first; cluster != 0; cluster = table.Next(cluster))
        {
            if (cluster < FatTable.FirstCluster || cluster >= table.End || clusters++ == table.End)
            {
                throw new AllocationException($"the chain of cluster {first} is damaged");
            }

            var offset = folders.OffsetOf(cluster);
            if (extents.Count > 0 && extents[^1].End == offset)
            {
                extents[^1] = extents[^1] with { Length = extents[^1].Length + boot.ClusterSize };
            }
            else
            {
                extents.Add(new ContentExtent(offset, boot.ClusterSize));
            }
        }

        visitor.Visit(path, new NamedFile(first, 1), extents);
    }
}
