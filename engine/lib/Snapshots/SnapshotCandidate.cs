using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Snapshots;

/// <summary>A source on this system that a provider may be able to hold still.</summary>
/// <param name="Path">Under which it is opened: a file or a device.</param>
/// <param name="Device">What device of Windows it is; null for everything else.</param>
internal readonly record struct SnapshotCandidate(string Path, WindowsPlace? Device)
{
    /// <summary>Whether it is a whole disk of Windows, with perhaps several volumes.</summary>
    public bool IsDisk => Device is { Kind: WindowsPlaceKind.Disk };
}
