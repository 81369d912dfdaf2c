using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.VirtualDisks;
using Tidemark.Engine.Devices.VirtualDisks.Qcow2;
using Tidemark.Engine.Locations;

namespace Tidemark.Engine.Operations.Imports;

/// <summary>
/// Finds what each file builds on, before anything is imported: so that what is missing is known while nothing is committed.
/// </summary>
internal static class ImportLinks
{
    /// <param name="files">As they describe themselves.</param>
    /// <returns>The files that become points in time, each with its parent.</returns>
    /// <exception cref="TidemarkException">A file builds on what isn't there, or may not be read.</exception>
    public static IReadOnlyList<ImportFile> Find(IReadOnlyList<ImportFile> files)
    {
        List<ImportFile> linked = [];
        HashSet<FileIdentity> data = [];
        HashSet<FileIdentity> raw = [];
        Dictionary<FileIdentity, TidemarkException> problems = [];
        foreach (var file in files)
        {
            try
            {
                linked.Add(file.Format switch
                {
                    SourceFormat.Qcow2 => OfQcow2(file, files, data, raw),
                    SourceFormat.Vhd or SourceFormat.Vhdx => OfVirtualDisk(file, files),
                    _ => file,
                });
            }
            catch (TidemarkException e)
            {
                problems.TryAdd(file.Identity, e);
                linked.Add(file);
            }
        }

        // A raw file may begin as anything, and who builds on it knows; what it then seems to build on isn't so.
        linked = [.. linked.Where(file => !data.Contains(file.Identity)).Select(file => raw.Contains(file.Identity)
            ? file with { Location = file.Location.As(SourceFormat.Raw), ParentKey = null, ParentName = null, Snapshots = 0 }
            : file)];
        return linked.FirstOrDefault(file => file.Format != SourceFormat.Raw && problems.ContainsKey(file.Identity)) is { } failed
            ? throw problems[failed.Identity]
            : linked;
    }

    private static ImportFile OfQcow2(
        ImportFile file, IReadOnlyList<ImportFile> files, HashSet<FileIdentity> data, HashSet<FileIdentity> raw)
    {
        using var tree = Qcow2Tree.Open(file.Path, [.. files.Where(f => f != file).Select(f => f.Given)]);
        data.UnionWith(tree.DataFiles.Select(d => d.Identity));
        raw.UnionWith(tree.Layers.Where(layer => layer.Header is null).Select(layer => layer.File.Identity));
        return tree.Layers is [_, var below, ..]
            ? file with { ParentKey = ImportFile.KeyOf(below.File.Identity), ParentName = below.File.Name }
            : file;
    }

    private static ImportFile OfVirtualDisk(ImportFile file, IReadOnlyList<ImportFile> files)
    {
        var device = RawDevice.OpenRead(file.Path);
        VirtualDisk? disk = null;
        try
        {
            disk = SourceFile.Parse(device, file.Format)!;
            disk.Link(ParentSource.Files([.. files.Where(f => f != file).Select(f => f.Path)]), 1);
            return disk.Parent is { } parent ? file with { ParentKey = ImportFile.KeyOf(parent), ParentName = parent.Name } : file;
        }
        finally
        {
            (disk ?? (BlockDevice)device).Dispose();
        }
    }
}
