using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>
/// The files of NTFS, by the indexes of its folders; the short name beside a long one doesn't count. Of a file, the extents are those
/// of its unnamed data: other streams stay.
/// </summary>
internal sealed class NtfsFiles(NtfsVolume volume) : FileExtents
{
    /// <summary>Records before it are the file system's own; what is in $Extend is never come by.</summary>
    private const long FirstUserFile = 16;

    /// <exception cref="AllocationException">The MFT isn't to be read.</exception>
    public static NtfsFiles? Open(AllocationSource source) =>
        NtfsMap.TryReadBoot(source) is { } boot ? new NtfsFiles(new NtfsVolume(source, boot)) : null;

    public override void Walk(IFileVisitor visitor, CancellationToken cancellation)
    {
        var seen = new HashSet<long> { NtfsVolume.RootFolder };
        var waiting = new Stack<(FileReference Folder, string Path)>();
        var wanted = new List<(FileReference File, string Path)>();
        waiting.Push((volume.ReadSystemFile(NtfsVolume.RootFolder).Reference, ""));
        while (waiting.TryPop(out var next))
        {
            if (volume.TryReadFile(next.Folder) is not { IsFolder: true } folder)
            {
                continue;
            }

            NtfsFolder.Read(volume, folder, (file, name, space, isFolder) =>
            {
                cancellation.ThrowIfCancellationRequested();
                if (file.Number < FirstUserFile || space == NtfsNameSpace.Dos)
                {
                    return;
                }

                var path = $"{next.Path}{name}";
                if (!isFolder)
                {
                    if (visitor.Wants(path))
                    {
                        wanted.Add((file, path));
                    }
                }
                else if (seen.Add(file.Number))
                {
                    waiting.Push((file, path + "/"));
                }

                if (seen.Count > MostFolders || wanted.Count > MostFolders)
                {
                    throw new AllocationException($"it has more than {MostFolders} folders, or that many files in one");
                }
            });
            foreach (var (file, path) in wanted)
            {
                cancellation.ThrowIfCancellationRequested();
                Visit(visitor, file, path);
            }

            wanted.Clear();
        }
    }

    private void Visit(IFileVisitor visitor, FileReference reference, string path)
    {
        if (volume.TryReadFile(reference) is { IsFolder: false } file)
        {
            // Its short name is no name of its own.
            var names = file.Links - CountShortNames(file);
            var extents = volume.OpenContent(file, NtfsAttribute.Data, "")?.Runs.Where(run => !run.IsHole)
                .Select(run => new ContentExtent(run.Lcn * volume.ClusterSize, run.Count * volume.ClusterSize)).ToList() ?? [];
            visitor.Visit(path, new NamedFile(file.Number, Math.Max(names, 1)), extents);
        }
    }

    // Names that went to another record, of a file with very many, aren't seen: then it has more of them by this count.
    private static int CountShortNames(FileRecord file)
    {
        var count = 0;
        foreach (var attribute in file)
        {
            if (attribute is { Type: NtfsAttribute.FileName, IsResident: true } && NtfsFileName.TryRead(attribute.Value, out var name) && name.Space == NtfsNameSpace.Dos)
            {
                count++;
            }
        }

        return count;
    }
}
