using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// What is mounted where on Linux, and what lies on what. It sees its own mount namespace; for what other namespaces
/// mount, opening the target exclusively is the judge.
/// </summary>
internal sealed class MountTable : VolumeTable
{
    private readonly MountEntry[] entries;
    private readonly string[] swaps;
    private readonly Dictionary<ulong, HashSet<FileIdentity>> devicesOf = [];

    private MountTable(MountEntry[] entries, string[] swaps)
    {
        this.entries = entries;
        this.swaps = swaps;
    }

    public IReadOnlyList<MountEntry> Entries => entries;

    /// <summary>Paths of swap devices and files in use.</summary>
    public IReadOnlyList<string> Swaps => swaps;

    /// <summary>Reads the present state.</summary>
    /// <exception cref="TidemarkException">The kernel's lists can't be read.</exception>
    public static new MountTable Load()
    {
        try
        {
            var swaps = File.Exists("/proc/swaps") ? File.ReadAllText("/proc/swaps") : "";
            return Parse(File.ReadAllText("/proc/self/mountinfo"), swaps);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw TidemarkException.Failed(
                $"What is mounted can't be told, since /proc can't be read: {e.Message} Mount /proc and try again.", e);
        }
    }

    /// <summary>Reads the text of /proc/self/mountinfo and /proc/swaps; lines that aren't entries are skipped.</summary>
    public static MountTable Parse(string mountInfo, string swaps) => new(
        [.. mountInfo.Split('\n').Select(MountEntry.TryParse).OfType<MountEntry>()],
        [.. swaps.Split('\n').Skip(1).Where(line => line.Length > 0)
            .Select(line => MountEntry.Unescape(line.Split([' ', '\t'], 2)[0]))]);

    /// <summary>
    /// The device or file itself, its partitions, loop devices over it, and devices built on any of these; of a
    /// partition's disk only what uses the disk as a whole.
    /// </summary>
    public override DeviceUsage UsageOf(string path)
    {
        if (PathStatus.TryOf(path) is not { Kind: PathKind.BlockDevice or PathKind.File } status)
        {
            return DeviceUsage.None;
        }

        var graph = new StorageGraph();
        var users = graph.UsersOf(StorageGraph.Canonical(status.Storage));
        var holders = users
            .Where(node => node != status.Storage && graph.IsBuiltOn(node))
            .Select(node => SysfsBlock.TryOf(node)?.Name).OfType<string>().Order(StringComparer.Ordinal).ToArray();
        if (SysfsBlock.TryOf(status.Storage)?.Disk is { } disk)
        {
            users.Add(disk.Node);
        }

        return new DeviceUsage(
            [.. entries.Where(entry => DevicesOf(entry).Any(users.Contains)).Select(entry => new MountPlace(entry.MountPoint, entry.IsReadOnly))],
            users.Any(IsSwap), holders);
    }

    /// <summary>Where a device, or a file through a driver in user space, is mounted itself.</summary>
    public IEnumerable<MountEntry> MountsOf(FileIdentity node) =>
        entries.Where(entry => DevicesOf(entry).Contains(node));

    public bool IsSwap(FileIdentity node) => swaps.Any(path => PathStatus.TryOfSoon(path)?.Storage == node);

    /// <summary>The mount on which a path lies, or would lie: of one that isn't there, its nearest folder's.</summary>
    public MountEntry? MountOf(string path)
    {
        var existing = Nearest(path);
        if (PathStatus.TryOf(existing)?.MountId is { } id && Array.Find(entries, entry => entry.Id == id) is { } exact)
        {
            return exact;
        }

        // The last of several mounts on one point hides the others.
        return entries.Where(entry => IsWithin(existing, entry.MountPoint)).OrderBy(entry => entry.MountPoint.Length).LastOrDefault();
    }

    public override string? MissingMountOf(string path)
    {
        try
        {
            return MissingMountOf(Path.GetFullPath(path), File.ReadAllText("/etc/fstab"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The same by the text of /etc/fstab (fstab(5)): the second field of a line is where it belongs.</summary>
    /// <param name="full">The whole path.</param>
    public string? MissingMountOf(string full, string fstab)
    {
        List<(string Named, string Real)> places =
        [
            .. fstab.Split('\n')
                .Select(line => line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => fields.Length > 2 && !fields[0].StartsWith('#') && fields[1].StartsWith('/'))
                .Select(fields => Path.TrimEndingDirectorySeparator(MountEntry.Unescape(fields[1])))
                .Where(place => place != "/")
                .Select(place => (place, PathSpelling.Of(place)[^1])),
        ];
        return PathSpelling.Of(full).SelectMany(spelling => ThroughBind(spelling)).Select(spelling => MissingMountOf(spelling, places))
            .FirstOrDefault(place => place is not null);
    }

    private string? MissingMountOf(string path, List<(string Named, string Real)> places)
    {
        (string Named, string Real, string Path)? meant = null;
        foreach (var (named, real) in places)
        {
            var inside = IsWithin(path, real) ? path : IsWithin(path, named) ? real + path[named.Length..] : null;
            if (inside is not null && (meant is null || real.Length > meant.Value.Real.Length))
            {
                meant = (named, real, inside);
            }
        }

        // What is mounted there or below it is what the path lies on.
        return meant is { } found
            && !Array.Exists(entries, entry => IsWithin(found.Path, entry.MountPoint) && IsWithin(entry.MountPoint, found.Real))
            ? found.Named
            : null;
    }

    /// <summary>The path, and where it lies if a folder of another mount is bound to its place.</summary>
    private IEnumerable<string> ThroughBind(string path)
    {
        yield return path;
        var bound = entries.Where(entry => IsWithin(path, entry.MountPoint)).OrderBy(entry => entry.MountPoint.Length).LastOrDefault();
        if (bound is null || bound.Root == "/")
        {
            yield break;
        }

        foreach (var entry in entries)
        {
            if (entry.Device == bound.Device && entry.Id != bound.Id && entry.Root != bound.Root && IsWithin(bound.Root, entry.Root))
            {
                var inside = bound.Root[(entry.Root == "/" ? 0 : entry.Root.Length)..] + path[(bound.MountPoint == "/" ? 0 : bound.MountPoint.Length)..];
                yield return entry.MountPoint == "/" ? inside : entry.MountPoint + inside;
            }
        }
    }

    /// <summary>Whether two paths lead to the same storage, or to storage of which one contains the other.</summary>
    public static StorageRelation Relation(string left, string right)
    {
        if (PathStatus.TryOf(left) is not { Kind: PathKind.BlockDevice or PathKind.File } leftStatus
            || PathStatus.TryOf(right) is not { Kind: PathKind.BlockDevice or PathKind.File } rightStatus)
        {
            return StorageRelation.None;
        }

        var a = StorageGraph.Canonical(leftStatus.Storage);
        var b = StorageGraph.Canonical(rightStatus.Storage);
        if (a == b)
        {
            return StorageRelation.Same;
        }

        var below = StorageGraph.GroundOf(a);
        var belowOther = StorageGraph.GroundOf(b);
        var partialLoops = StorageGraph.LoopBacking(a) is { } backing && StorageGraph.LoopBacking(b) == backing;
        return below.Contains(b) || belowOther.Contains(a) || partialLoops
            ? StorageRelation.Overlapping
            : StorageRelation.None;
    }

    /// <summary>However many loop devices and layers lie between.</summary>
    public override bool LiesOn(string path, string source)
    {
        if (PathStatus.TryOf(source) is not { Kind: PathKind.BlockDevice or PathKind.File } status)
        {
            return false;
        }

        var target = StorageGraph.Canonical(status.Storage);
        var seen = new HashSet<ulong>();
        var paths = new Queue<string>([path]);
        while (paths.TryDequeue(out var next))
        {
            if (MountOf(next) is not { } mount || !seen.Add(mount.Id))
            {
                continue;
            }

            if (mount.UpperFolder is { } upper)
            {
                paths.Enqueue(upper);
            }

            foreach (var device in DevicesOf(mount))
            {
                var ground = StorageGraph.GroundOf(device, out var files);
                if (ground.Any(node => StorageGraph.Canonical(node) == target))
                {
                    return true;
                }

                foreach (var file in files)
                {
                    paths.Enqueue(file);
                }
            }
        }

        return false;
    }

    /// <summary>The block devices, or files, that a mounted file system lies on; none for memory and networks.</summary>
    private HashSet<FileIdentity> DevicesOf(MountEntry entry)
    {
        if (devicesOf.TryGetValue(entry.Id, out var known))
        {
            return known;
        }

        var devices = new HashSet<FileIdentity>();
        if (entry.Device.Major != 0)
        {
            devices.Add(entry.Device);
        }

        // btrfs and drivers in user space have numbers of their own, and name what they mounted.
        if (entry.Source.StartsWith('/')
            && PathStatus.TryOfSoon(entry.Source) is { Kind: PathKind.BlockDevice or PathKind.File } status)
        {
            devices.Add(status.Storage);
            if (entry.FileSystem == "btrfs" && SysfsBlock.TryOf(status.Storage) is { } first)
            {
                devices.UnionWith(SysfsBlock.BtrfsDevices().Where(names => names.Contains(first.Name))
                    .SelectMany(names => names).Select(SysfsBlock.TryOf).OfType<SysfsBlock>().Select(block => block.Node));
            }
        }

        devicesOf[entry.Id] = devices;
        return devices;
    }

    private static string Nearest(string path)
    {
        var full = Path.GetFullPath(path);
        while (PathStatus.TryOf(full) is null && Path.GetDirectoryName(full) is { } parent)
        {
            full = parent;
        }

        return full;
    }

    private static bool IsWithin(string path, string folder) =>
        folder == "/" || path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);
}
