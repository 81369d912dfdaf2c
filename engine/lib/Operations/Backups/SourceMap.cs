using Tidemark.Engine.Allocation;
using Tidemark.Engine.Allocation.Disks;
using Tidemark.Engine.Devices;
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

    /// <summary>Files whose content is left out by name; the first of them.</summary>
    public IReadOnlyList<string> LeftOut { get; private init; } = [];

    /// <summary>What didn't come about that was asked for.</summary>
    public IReadOnlyList<string> Notes { get; private init; } = [];

    /// <param name="whyLive">Why the source may change while it is read; a map says nothing of what comes after it.</param>
    public static SourceMap Of(OpenedSource source, BackupRequest request, string? whyLive, CancellationToken cancellation)
    {
        if (request.AllBlocks)
        {
            return new SourceMap(null, []);
        }

        if (whyLive is not null)
        {
            return new SourceMap(null, [Whole(source.Device, whyLive)])
            {
                Notes = request.Exclude.Count == 0 ? [] : ["no file was left out: what may change meanwhile is read whole"],
            };
        }

        var disk = DiskMap.Open(source.Device);
        AllocationMap map = request.IncludeSwap ? new IncludingMap(disk) : disk;
        IReadOnlyList<VolumeUsage> volumes = request.IncludeSwap ? [.. disk.Volumes.Select(Included)] : disk.Volumes;
        List<string> names = [];
        List<string> notes = [];
        if (request.Exclude.Count > 0)
        {
            volumes = LeaveOut(source.Device, request.Exclude, volumes, ref map, names, notes, cancellation);
        }

        if (map.UsedBytes < map.Length)
        {
            return new SourceMap(map, volumes) { LeftOut = names, Notes = notes };
        }

        map.Dispose();
        return new SourceMap(null, volumes) { Notes = notes };
    }

    public void Dispose() => Map?.Dispose();

    /// <summary>Leaves out files by name, volume by volume; one whose files can't be told is kept whole, and that is noted.</summary>
    private static VolumeUsage[] LeaveOut(
        BlockDevice device, IReadOnlyList<string> patterns, IReadOnlyList<VolumeUsage> volumes, ref AllocationMap map, List<string> names,
        List<string> notes, CancellationToken cancellation)
    {
        var told = volumes.ToArray();
        for (var i = 0; i < told.Length; i++)
        {
            var volume = told[i];
            var name = volume.Partition is { } number ? $"partition {number}" : "the source";
            if (volume.WhyWhole is not null || volume.Content is not { } content)
            {
                continue;
            }

            try
            {
                if (VolumeFiles.TryOpen(new DeviceSource(device, volume.Offset, volume.Length), content) is not { } files)
                {
                    notes.Add($"no file of {name} was left out: the files of {content} aren't known by name");
                    continue;
                }

                var leftOut = new LeftOutFiles(patterns, volume.Offset, volume.Partition);
                files.Walk(leftOut, cancellation);
                var bytes = leftOut.Contents.Sum(extent => extent.Length);
                map = new ExcludingMap(map, leftOut.Contents);
                names.AddRange(leftOut.Names);
                told[i] = volume with { UsedBytes = volume.UsedBytes - bytes, ExcludedBytes = volume.ExcludedBytes + bytes, ExcludedFiles = leftOut.Count };
            }
            catch (AllocationException e)
            {
                notes.Add($"no file of {name} was left out: {e.Message}");
            }
        }

        return told;
    }

    private static VolumeUsage Included(VolumeUsage volume) =>
        volume with { UsedBytes = volume.UsedBytes + volume.ExcludedBytes, ExcludedBytes = 0 };

    private static VolumeUsage Whole(BlockDevice device, string why) => new()
    {
        Offset = 0,
        Length = device.Length,
        Content = VolumeProbe.TryReadContent(new VolumeView(device))?.Type,
        UsedBytes = device.Length,
        WhyWhole = why,
    };
}
