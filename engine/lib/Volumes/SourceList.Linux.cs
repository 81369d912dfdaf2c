using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Volumes;

internal static partial class SourceList
{
    private static List<SourceEntry> ListLinux(Func<string, BlockDevice> open)
    {
        var mounts = MountTable.Load();
        var entries = new List<SourceEntry>();
        foreach (var disk in SysfsBlock.All().Where(block => block.PartitionNumber is null && IsListed(block)))
        {
            entries.Add(Describe(disk, null, mounts, open));
            foreach (var partition in disk.Partitions.Where(IsListed).OrderBy(block => block.PartitionNumber))
            {
                entries.Add(Describe(partition, disk.DevicePath, mounts, open));
            }
        }

        return entries;
    }

    /// <summary>Memory isn't a source; a drive without a medium has no size, and neither has an unused loop device.</summary>
    private static bool IsListed(SysfsBlock block) =>
        block.Length > 0 && !block.IsHidden
        && !block.Name.StartsWith("ram", StringComparison.Ordinal)
        && !block.Name.StartsWith("zram", StringComparison.Ordinal);

    private static SourceEntry Describe(
        SysfsBlock block, string? parent, MountTable mounts, Func<string, BlockDevice> open)
    {
        var path = block.DevicePath;
        var description = TryProbe(path, open, out var problem);
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
}
