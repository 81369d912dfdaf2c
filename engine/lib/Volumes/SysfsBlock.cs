using System.Globalization;
using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// A block device as Linux describes it under /sys/class/block (Documentation/ABI/stable/sysfs-block). Read when
/// asked; a device that goes away meanwhile has no attributes any more.
/// </summary>
internal sealed class SysfsBlock
{
    private const string ClassFolder = "/sys/class/block";

    /// <summary>The unit of size and start, whatever the device's sector.</summary>
    private const long SysfsSector = 512;

    private readonly string folder;

    private SysfsBlock(string name, uint major, uint minor)
    {
        Name = name;
        folder = $"{ClassFolder}/{name}";
        Node = new FileIdentity(true, major, minor, 0);
    }

    /// <summary>The kernel's name: sda1, nvme0n1p2, dm-0.</summary>
    public string Name { get; }

    public FileIdentity Node { get; }

    /// <summary>Size in bytes; 0 for a drive without a medium and an unused loop device.</summary>
    public long Length => Number("size") * SysfsSector ?? 0;

    public bool IsReadOnly => Number("ro") == 1;

    public bool IsRemovable => Number("removable") == 1;

    public bool IsHidden => Number("hidden") == 1;

    /// <summary>The partition's number, null for what isn't a partition.</summary>
    public long? PartitionNumber => Number("partition");

    /// <summary>Where the partition begins on its disk, in bytes; null for what isn't a partition.</summary>
    public long? PartitionOffset => PartitionNumber is null ? null : Number("start") * SysfsSector;

    /// <summary>Bytes of the backing file before a loop device's first.</summary>
    public long LoopOffset => Number("loop/offset") ?? 0;

    /// <summary>Length a loop device is limited to, in bytes; 0 for all of its file.</summary>
    public long LoopSizeLimit => Number("loop/sizelimit") ?? 0;

    /// <summary>The path of the file or device behind a loop device; null for anything else.</summary>
    public string? LoopBackingFile => ReadRaw($"{folder}/loop/backing_file")?.TrimEnd('\n');

    public IEnumerable<SysfsBlock> Holders => Links("holders");

    public IEnumerable<SysfsBlock> Slaves => Links("slaves");

    /// <summary>The device's file under /dev.</summary>
    public string DevicePath => Attribute("dm/name") is { } mapped && File.Exists($"/dev/mapper/{mapped}")
        ? $"/dev/mapper/{mapped}"
        : $"/dev/{Name.Replace('!', '/')}";

    public IEnumerable<SysfsBlock> Partitions =>
        Names(folder).Where(name => File.Exists($"{folder}/{name}/partition")).Select(TryOf).OfType<SysfsBlock>();

    /// <summary>The disk of a partition; null for what isn't one.</summary>
    public SysfsBlock? Disk
    {
        get
        {
            if (PartitionNumber is null || Resolve(folder) is not { } real)
            {
                return null;
            }

            return Path.GetFileName(Path.GetDirectoryName(real)) is { Length: > 0 } name ? TryOf(name) : null;
        }
    }

    /// <summary>World-wide name or serial number of the device, strongest first; null where it has none.</summary>
    public string? Serial
    {
        get
        {
            foreach (var attribute in (ReadOnlySpan<string>)["wwid", "device/wwid", "dm/uuid", "md/uuid", "serial", "device/serial"])
            {
                // "naa.", "eui." and the like say whose numbers they are.
                if (Attribute(attribute) is { } text && KnownId.IsId(text[(text.IndexOf('.', StringComparison.Ordinal) is > 0 and < 5 and var dot ? dot + 1 : 0)..]))
                {
                    return text;
                }
            }

            return null;
        }
    }

    public string? Model => Attribute("device/model");

    /// <summary>What lsblk calls it: disk, part, loop, rom, lvm, crypt, mpath, dm, raid.</summary>
    public string Type
    {
        get
        {
            if (PartitionNumber is not null)
            {
                return "part";
            }

            if (Name.StartsWith("dm-", StringComparison.Ordinal))
            {
                var owner = (Attribute("dm/uuid") ?? "").Split('-')[0];
                return owner is "LVM" or "CRYPT" or "mpath" ? owner.ToLowerInvariant() : "dm";
            }

            return Name.StartsWith("loop", StringComparison.Ordinal) ? "loop"
                : Name.StartsWith("sr", StringComparison.Ordinal) ? "rom"
                : Name.StartsWith("md", StringComparison.Ordinal) ? "raid"
                : "disk";
        }
    }

    /// <summary>All block devices there are, by name.</summary>
    public static IEnumerable<SysfsBlock> All() =>
        Names(ClassFolder).Order(StringComparer.Ordinal).Select(TryOf).OfType<SysfsBlock>();

    /// <summary>The device of a kernel's name; null where there is none.</summary>
    public static SysfsBlock? TryOf(string name)
    {
        if (name.Length == 0 || name.Contains('/', StringComparison.Ordinal)
            || ReadAttribute($"{ClassFolder}/{name}/dev")?.Split(':') is not [var major, var minor]
            || !uint.TryParse(major, CultureInfo.InvariantCulture, out var majorNumber)
            || !uint.TryParse(minor, CultureInfo.InvariantCulture, out var minorNumber))
        {
            return null;
        }

        return new SysfsBlock(name, majorNumber, minorNumber);
    }

    /// <summary>The device of a number; null where there is none (as for network and memory file systems).</summary>
    public static SysfsBlock? TryOf(FileIdentity node) =>
        node.IsBlockDevice && Resolve($"/sys/dev/block/{node.Major}:{node.Minor}") is { } real
            ? TryOf(Path.GetFileName(real))
            : null;

    /// <summary>The names of the devices that a mounted btrfs consists of, one list a file system.</summary>
    public static IEnumerable<IReadOnlyList<string>> BtrfsDevices() =>
        Names("/sys/fs/btrfs").Select(id => (IReadOnlyList<string>)[.. Names($"/sys/fs/btrfs/{id}/devices")]);

    private static string? Resolve(string link)
    {
        try
        {
            return Directory.ResolveLinkTarget(link, returnFinalTarget: true)?.FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string[] Names(string folder)
    {
        try
        {
            return Directory.Exists(folder)
                ? [.. Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path))]
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string? ReadAttribute(string path) => ReadRaw(path) is { } text ? DiskText.Clean(text.Trim()) : null;

    private static string? ReadRaw(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private IEnumerable<SysfsBlock> Links(string name) => Names($"{folder}/{name}").Select(TryOf).OfType<SysfsBlock>();

    private string? Attribute(string name) => ReadAttribute($"{folder}/{name}");

    private long? Number(string name) =>
        long.TryParse(Attribute(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
