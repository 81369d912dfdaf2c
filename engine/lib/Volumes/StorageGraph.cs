using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// What lies on what: partitions on disks, mapped devices on their slaves, loop devices on files. Every walk visits a
/// device once.
/// </summary>
internal sealed class StorageGraph
{
    private readonly Dictionary<FileIdentity, List<SysfsBlock>> loops = [];
    private readonly HashSet<FileIdentity> built = [];

    /// <summary>Notes which loop devices there are now.</summary>
    public StorageGraph()
    {
        foreach (var block in SysfsBlock.All())
        {
            if (LoopBacking(block) is { } backing)
            {
                if (!loops.TryGetValue(backing, out var over))
                {
                    loops.Add(backing, over = []);
                }

                over.Add(block);
            }
        }
    }

    /// <summary>The node itself and everything above it: partitions, holders, loop devices, and theirs.</summary>
    public HashSet<FileIdentity> UsersOf(FileIdentity node)
    {
        var users = new HashSet<FileIdentity>();
        var open = new Stack<FileIdentity>([node]);
        while (open.TryPop(out var next))
        {
            if (!users.Add(next))
            {
                continue;
            }

            if (SysfsBlock.TryOf(next) is { } block)
            {
                foreach (var partition in block.Partitions)
                {
                    open.Push(partition.Node);
                }

                foreach (var holder in block.Holders)
                {
                    built.Add(holder.Node);
                    open.Push(holder.Node);
                }
            }

            foreach (var loop in loops.GetValueOrDefault(next) ?? [])
            {
                built.Add(loop.Node);
                open.Push(loop.Node);
            }
        }

        return users;
    }

    /// <summary>Whether a node was met as a device built on another, and not as a partition.</summary>
    public bool IsBuiltOn(FileIdentity node) => built.Contains(node);

    /// <summary>The node itself, or for a loop device over a whole file or device, that.</summary>
    public static FileIdentity Canonical(FileIdentity node)
    {
        var seen = new HashSet<FileIdentity>();
        while (seen.Add(node) && SysfsBlock.TryOf(node) is { LoopOffset: 0, LoopSizeLimit: 0 } block
            && LoopBacking(block) is { } backing)
        {
            node = backing;
        }

        return node;
    }

    /// <summary>The node itself and everything it lies on, down to disks and files.</summary>
    public static HashSet<FileIdentity> GroundOf(FileIdentity node) => GroundOf(node, out _);

    /// <summary>The same, and the paths of the files among it.</summary>
    public static HashSet<FileIdentity> GroundOf(FileIdentity node, out List<string> files)
    {
        files = [];
        var ground = new HashSet<FileIdentity>();
        var open = new Stack<FileIdentity>([node]);
        while (open.TryPop(out var next))
        {
            if (!ground.Add(next) || SysfsBlock.TryOf(next) is not { } block)
            {
                continue;
            }

            if (block.Disk is { } disk)
            {
                open.Push(disk.Node);
            }

            foreach (var slave in block.Slaves)
            {
                open.Push(slave.Node);
            }

            if (block.LoopBackingFile is { } path && LoopBacking(block) is { } backing)
            {
                open.Push(backing);
                if (!backing.IsBlockDevice)
                {
                    files.Add(path);
                }
            }
        }

        return ground;
    }

    /// <summary>What is behind a loop device; null for anything else, and for a file that is gone.</summary>
    public static FileIdentity? LoopBacking(FileIdentity node) =>
        SysfsBlock.TryOf(node) is { } block ? LoopBacking(block) : null;

    private static FileIdentity? LoopBacking(SysfsBlock block) =>
        block.LoopBackingFile is { } path
        && PathStatus.TryOfSoon(path) is { Kind: PathKind.File or PathKind.BlockDevice } status
            ? status.Storage
            : null;
}
