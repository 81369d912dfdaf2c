using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;

namespace Tidemark.Engine.Volumes;

internal static partial class SourceList
{
    private static List<SourceEntry> ListLinux(Func<string, BlockDevice> open, TimeSpan patience)
    {
        var mounts = MountTable.Load();
        var asked = new List<(SysfsBlock Block, string? Parent, BoundedCall<Probed> Call)>();
        foreach (var disk in SysfsBlock.All().Where(block => block.PartitionNumber is null && IsListed(block)))
        {
            asked.Add((disk, null, Ask(disk.DevicePath, open)));
            foreach (var partition in disk.Partitions.Where(IsListed).OrderBy(block => block.PartitionNumber))
            {
                asked.Add((partition, disk.DevicePath, Ask(partition.DevicePath, open)));
            }
        }

        // All were asked at once, so that several that don't answer take no longer than one.
        var began = TimeProvider.System.GetTimestamp();
        var entries = new List<SourceEntry>();
        foreach (var (block, parent, call) in asked)
        {
            var left = patience - TimeProvider.System.GetElapsedTime(began);
            var known = call.TryWait(left > TimeSpan.Zero ? left : TimeSpan.Zero, out var probed);
            entries.Add(Describe(
                block, parent, mounts, probed?.Description,
                known ? probed?.Problem : string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"{block.DevicePath} doesn't answer: nothing came back within {patience.TotalSeconds:0.#} seconds")));
        }

        // What left while the others were asked.
        entries.RemoveAll(entry => entry.Size == 0);
        return entries;
    }

    private static BoundedCall<Probed> Ask(string path, Func<string, BlockDevice> open) => new(() =>
        new Probed(TryProbe(path, open, out var problem), problem));

    /// <summary>Memory isn't a source; a drive without a medium has no size, and neither has an unused loop device.</summary>
    private static bool IsListed(SysfsBlock block) =>
        block.Length > 0 && !block.IsHidden
        && !block.Name.StartsWith("ram", StringComparison.Ordinal)
        && !block.Name.StartsWith("zram", StringComparison.Ordinal);

    private static SourceEntry Describe(
        SysfsBlock block, string? parent, MountTable mounts, SourceDescription? description, string? problem)
    {
        var path = block.DevicePath;
        return new SourceEntry
        {
            Path = path,
            ParentPath = parent,
            Type = block.Type,
            Size = block.Length,
            IsReadOnly = block.IsReadOnly,
            IsRemovable = block.IsRemovable,
            Summary = description?.Summary,
            FileSystem = description?.Content?.Type,
            Label = description?.Label,
            Model = block.Model,
            Identity = description?.Identity ?? SourceIdentity.None,
            MountPoints = [.. mounts.MountsOf(block.Node).Select(mount => mount.MountPoint)],
            IsSwap = mounts.IsSwap(block.Node),
            BackingFile = block.LoopBackingFile,
            Problem = problem,
        };
    }

    private sealed record Probed(SourceDescription? Description, string? Problem);
}
