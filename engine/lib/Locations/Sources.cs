using Tidemark.Engine.Devices;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Locations;

/// <summary>Tells what can be imaged on this machine.</summary>
public static class Sources
{
    /// <summary>Disks, partitions and what is built of them, a disk before its partitions.</summary>
    public static IReadOnlyList<SourceEntry> List() => SourceList.List(RawDevice.OpenProbe);
}
