using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// The volumes and disks of Windows at one moment. What the system said is plain data here, so that the conclusions are
/// tested on any system; <c>DriveTable.Windows.cs</c> asks.
/// </summary>
internal sealed partial class DriveTable : VolumeTable
{
    private readonly Func<string, string?> volumeUnder;

    /// <param name="volumeUnder">The name of the volume on which a path lies; null for networks and the unknown.</param>
    public DriveTable(IReadOnlyList<DriveVolume> volumes, IReadOnlyList<DriveDisk> disks, Func<string, string?> volumeUnder)
    {
        Volumes = volumes;
        Disks = disks;
        this.volumeUnder = volumeUnder;
    }

    public IReadOnlyList<DriveVolume> Volumes { get; }

    public IReadOnlyList<DriveDisk> Disks { get; }

    public override DeviceUsage UsageOf(string path)
    {
        var users = On(WindowsPlace.Parse(path)).ToArray();
        return new DeviceUsage([.. users.SelectMany(volume => volume.Places)], users.Any(volume => volume.HasPageFile), []);
    }

    public override bool LiesOn(string path, string source) =>
        volumeUnder(path) is { } name && On(WindowsPlace.Parse(source)).Any(volume => SameName(volume.Name, name));

    /// <summary>The volume that a path names itself, by letter, folder or GUID; null for everything else.</summary>
    public DriveVolume? VolumeOf(string path) => VolumeOf(WindowsPlace.Parse(path));

    private DriveVolume? VolumeOf(WindowsPlace place) => place.Root is not { } root ? null
        : Volumes.FirstOrDefault(volume => SameName(volume.Name, root) || volume.MountPoints.Any(point => SameName(point, root)));

    /// <summary>The volumes that are, or lie on, what a path names.</summary>
    private IEnumerable<DriveVolume> On(WindowsPlace place) => place.Kind switch
    {
        WindowsPlaceKind.Volume when VolumeOf(place) is { } volume => [volume],
        WindowsPlaceKind.Disk => Volumes.Where(volume => volume.Extents.Any(extent => extent.DiskNumber == place.DiskNumber)),
        _ => [],
    };

    private static bool SameName(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);
}
