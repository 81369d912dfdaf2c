using Tidemark.Engine.Allocation;
using Tidemark.Engine.Devices;
using Xunit;

namespace Tidemark.Harness.Allocation;

/// <summary>
/// What a volume's map says of each byte, read front to back and checked against the map's own promises; and the volume with
/// other bytes where its map doesn't care.
/// </summary>
internal sealed class VolumeStates
{
    /// <summary>Places asked for in any order after the walk, which has to say the same.</summary>
    private const int Probes = 200;

    private readonly string path;
    private readonly long start;

    private VolumeStates(string path, long start, AllocationMap map)
    {
        this.path = path;
        this.start = start;
        (FileSystem, Length, UsedBytes, ExcludedBytes) = (map.FileSystem, map.Length, map.UsedBytes, map.ExcludedBytes);
        for (long at = 0; at < map.Length;)
        {
            var extent = map.ExtentAt(at);
            at = extent.End;
            if (Extents.Count > 0 && Extents[^1].State == extent.State)
            {
                Extents[^1] = Extents[^1] with { Length = Extents[^1].Length + extent.Length };
            }
            else
            {
                Extents.Add(extent);
            }
        }

        Assert.Equal(UsedBytes, Bytes(AllocationState.Used));
        Assert.Equal(ExcludedBytes, Bytes(AllocationState.Excluded));
    }

    public string FileSystem { get; }

    public long Length { get; }

    public long UsedBytes { get; }

    public long ExcludedBytes { get; }

    /// <summary>In order; neighbours differ in state.</summary>
    public List<AllocationExtent> Extents { get; } = [];

    /// <summary>Reads the map of a volume in a file, by default all of the file.</summary>
    /// <exception cref="AllocationException">It isn't to be believed.</exception>
    public static VolumeStates Of(string path, Random random, long start = 0, long length = -1)
    {
        using var device = RawDevice.OpenRead(path);
        using var map = VolumeMaps.TryOpen(new DeviceSource(device, start, length < 0 ? device.Length - start : length));
        Assert.NotNull(map);
        return Of(path, start, map, random);
    }

    /// <summary>Reads a map of the volume that begins at an offset of a file.</summary>
    public static VolumeStates Of(string path, long start, AllocationMap map, Random random)
    {
        var states = new VolumeStates(path, start, map);
        for (var i = 0; i < Probes; i++)
        {
            var extent = map.ExtentAt(random.NextInt64(map.Length));
            Assert.Equal(states.StateAt(extent.Offset), extent.State);
            Assert.Equal(states.StateAt(extent.End - 1), extent.State);
        }

        return states;
    }

    /// <summary>Why a volume's map isn't believed; fails where it is.</summary>
    public static string WhyNot(string path)
    {
        using var device = RawDevice.OpenRead(path);
        return Assert.Throws<AllocationException>(() => VolumeMaps.TryOpen(new DeviceSource(device, 0, device.Length))?.Dispose()).Message;
    }

    public AllocationState StateAt(long offset)
    {
        int low = 0, high = Extents.Count - 1;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Extents[middle].End <= offset ? (middle + 1, high) : (low, middle);
        }

        return Extents[low].State;
    }

    public long Bytes(AllocationState state) => Extents.Where(extent => extent.State == state).Sum(extent => extent.Length);

    /// <summary>Fails with the first unit that a judge sees otherwise; what is excluded counts as used.</summary>
    public void AssertUsed(int unit, long heap, IReadOnlyList<bool> used)
    {
        for (var i = 0; i < used.Count && heap + ((long)i * unit) < Length; i++)
        {
            var at = heap + ((long)i * unit);
            Assert.True((StateAt(at) != AllocationState.Free) == used[i], $"Unit {i} at {at}: the map says {StateAt(at)}, the judge {(used[i] ? "used" : "free")}.");
        }
    }

    /// <summary>Fills what is free with random bytes, and what is excluded with zeros.</summary>
    public void Scramble(Random random)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        foreach (var extent in Extents.Where(extent => extent.State != AllocationState.Used))
        {
            file.Position = start + extent.Offset;
            for (var left = extent.Length; left > 0;)
            {
                var piece = new byte[Math.Min(left, 1 << 20)];
                if (extent.State == AllocationState.Free)
                {
                    random.NextBytes(piece);
                }

                file.Write(piece);
                left -= piece.Length;
            }
        }
    }
}
