namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>
/// The files in the root folder that hold what was in memory: pagefile.sys and swapfile.sys, which Windows makes anew with each
/// start, and hiberfil.sys, which nobody reads as long as its header is wiped.
/// </summary>
internal static class PageFiles
{
    private const string Hibernation = "hiberfil.sys";

    private static readonly string[] Names = ["pagefile.sys", "swapfile.sys", Hibernation];

    /// <summary>The clusters of their content.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="isMounted">Whether a Windows has it at this moment: then none will come back to it, whatever hiberfil.sys holds.</param>
    /// <exception cref="AllocationException">The root folder is damaged, or a Windows may come back to this volume.</exception>
    public static List<ClusterRun> Find(NtfsVolume volume, bool isMounted)
    {
        var found = new Dictionary<FileReference, bool>();
        NtfsFolder.Read(volume, volume.ReadSystemFile(NtfsVolume.RootFolder), (file, name, _, _) =>
        {
            foreach (var known in Names)
            {
                if (name.Equals(known, StringComparison.OrdinalIgnoreCase))
                {
                    found[file] = known == Hibernation;
                }
            }
        });

        var runs = new List<ClusterRun>();
        foreach (var (reference, isHibernation) in found)
        {
            if (volume.TryReadFile(reference) is { IsFolder: false } file)
            {
                Collect(volume, file, isHibernation, isMounted, runs);
            }
        }

        return runs;
    }

    private static void Collect(NtfsVolume volume, FileRecord file, bool isHibernation, bool isMounted, List<ClusterRun> runs)
    {
        var content = volume.OpenContent(file, NtfsAttribute.Data, "");
        if (isHibernation && !isMounted)
        {
            HibernationFile.Check(content);
        }

        // A file that somebody made by that name and uses by another, or that is otherwise none of Windows', stays.
        if (content is null || !content.IsPlain || file.Links != 1)
        {
            return;
        }

        var kept = isHibernation ? ((HibernationFile.HeaderSize - 1) / volume.ClusterSize) + 1 : 0;
        foreach (var run in content.Runs)
        {
            var skipped = Math.Clamp(kept - run.Vcn, 0, run.Count);
            if (!run.IsHole && skipped < run.Count)
            {
                runs.Add(new ClusterRun(run.Vcn + skipped, run.Lcn + skipped, run.Count - skipped));
            }
        }
    }
}
