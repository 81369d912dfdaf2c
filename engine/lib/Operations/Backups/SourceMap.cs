using Tidemark.Engine.Allocation;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations.Backups;

/// <summary>
/// What of a source has to be read: by the maps of its file systems, where these may be believed. Where they may not, all of it is read,
/// and the reason is told; that is never an error.
/// </summary>
internal sealed class SourceMap : IDisposable
{
    private SourceMap(AllocationMap? map, IReadOnlyList<VolumeUsage> volumes)
    {
        Map = map;
        Volumes = volumes;
    }

    /// <summary>Null to read all that the source stores.</summary>
    public AllocationMap? Map { get; }

    /// <summary>One for each partition, or for the source where it has no partition table; none where nobody asked.</summary>
    public IReadOnlyList<VolumeUsage> Volumes { get; }

    /// <param name="whyLive">Why the source may change while it is read; a map says nothing of what comes after it.</param>
    public static SourceMap Of(OpenedSource source, bool allBlocks, string? whyLive)
    {
        if (allBlocks)
        {
            return new SourceMap(null, []);
        }

        var length = source.Device.Length;
        if (whyLive is not null)
        {
            return new SourceMap(null, [Whole(source, whyLive)]);
        }

        try
        {
            var map = VolumeMaps.TryOpen(new DeviceSource(source.Device, 0, length));
            return map is null
                ? new SourceMap(null, [Whole(source, "what it holds has no map that is known")])
                : new SourceMap(map, [
                    new VolumeUsage
                    {
                        Offset = 0,
                        Length = length,
                        Content = map.FileSystem,
                        UsedBytes = map.UsedBytes + length - map.Length,
                        FreeBytes = map.Length - map.UsedBytes - map.ExcludedBytes,
                        ExcludedBytes = map.ExcludedBytes,
                    },
                ]);
        }
        catch (AllocationException e)
        {
            return new SourceMap(null, [Whole(source, e.Message)]);
        }
    }

    public void Dispose() => Map?.Dispose();

    private static VolumeUsage Whole(OpenedSource source, string why) => new()
    {
        Offset = 0,
        Length = source.Device.Length,
        Content = VolumeProbe.TryReadContent(new VolumeView(source.Device))?.Type,
        UsedBytes = source.Device.Length,
        WhyWhole = why,
    };
}
