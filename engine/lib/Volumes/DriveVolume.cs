using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Volumes;

/// <summary>A volume of Windows as the mount manager has it.</summary>
/// <param name="Name"><c>\\?\Volume{…}\</c>, with the backslash at its end.</param>
/// <param name="MountPoints">Roots of letters first (<c>C:\</c>), then folders; none for a hidden volume.</param>
/// <param name="Extents">Where it lies; none for what isn't on a disk (an optical drive, a network).</param>
/// <param name="FileSystem">What is mounted on it (<c>NTFS</c>); null where nothing is recognised.</param>
internal sealed record DriveVolume(
    string Name, IReadOnlyList<string> MountPoints, IReadOnlyList<DriveExtent> Extents, string? FileSystem)
{
    public bool IsReadOnly { get; init; }

    public string? Label { get; init; }

    public bool IsRemovable { get; init; }

    public bool IsOptical { get; init; }

    public bool HasPageFile { get; init; }

    /// <summary>The shortest name that opens it: <c>C:</c>, or its GUID.</summary>
    public string ShortName => MountPoints.FirstOrDefault(point => point is [_, ':', '\\']) is { } root ? root[..2] : Name[..^1];

    /// <summary>Its mount points; where it has none but a file system, that is mounted under its own name.</summary>
    public IEnumerable<MountPlace> Places => FileSystem is null
        ? []
        : (MountPoints.Count > 0 ? MountPoints : [Name]).Select(point => new MountPlace(point, IsReadOnly));
}

/// <summary>A disk of Windows.</summary>
/// <param name="Number">The N of <c>\\.\PhysicalDriveN</c>.</param>
/// <param name="Length">Size in bytes; 0 where it isn't told (no medium, no right).</param>
internal sealed record DriveDisk(int Number, long Length)
{
    public string? Model { get; init; }

    public string? Serial { get; init; }

    public bool IsRemovable { get; init; }

    public string Path => $"{WindowsPlace.DiskPrefix}{Number}";
}
