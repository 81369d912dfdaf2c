using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations.Points;

/// <summary>Finds a partition in the image of a disk, by the table that the disk had then.</summary>
internal static class PartitionView
{
    /// <exception cref="TidemarkException">There is no table, no such partition, or it lies outside the disk.</exception>
    public static ByteRange Find(Lineage lineage, BlockHasher hasher, int number)
    {
        using var device = new PointProbe(lineage, hasher);
        var image = $"Image {lineage.Header.Sequence}";
        var table = VolumeProbe.TryReadTable(new VolumeView(device)) ?? throw TidemarkException.WrongUse(
            $"{image} holds no partition table, so it has no partition {number}. Leave #{number} out for all of it.");
        if (table.Odd.FirstOrDefault(entry => entry.Number == number) is { } odd)
        {
            throw TidemarkException.Failed($"Partition {number} of {image} can't be reached: its {odd}. Leave #{number} out and restore the disk.");
        }

        var partition = table.Partitions.FirstOrDefault(p => p.Number == number) ?? throw TidemarkException.WrongUse(
            $"{image} has no partition {number}; it has {Numbers(table)}.");
        if (partition.Offset >= device.Length || partition.Length > device.Length - partition.Offset)
        {
            throw TidemarkException.Failed(
                $"Partition {number} of {image} reaches past the end of its disk, so it isn't whole. Leave #{number} out and restore the disk.");
        }

        return new ByteRange(partition.Offset, partition.Length);
    }

    private static string Numbers(PartitionTable table) => table.Partitions.Count == 0
        ? "none"
        : string.Join(", ", table.Partitions.Select(p => p.Number).Order());
}
