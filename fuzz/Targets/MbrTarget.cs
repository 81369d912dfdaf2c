using Tidemark.Engine.Volumes;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>A disk's MBR with its chain of extended boot records. The input is laid over a disk as sparse pieces.</summary>
internal static class MbrTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        MbrSector.TryRead(input);
        var view = new VolumeView(SparseDevice.Parse(input));
        var table = VolumeProbe.TryReadTable(view);
        FindException.Unless(table is null || table.Partitions.Count <= 4 + 128 || table.Scheme == PartitionScheme.Gpt, "There are too many partitions.");
        foreach (var partition in table?.Partitions ?? [])
        {
            FindException.Unless(partition.Offset > 0 && partition.Length > 0, $"Partition {partition} makes no sense.");
        }
    }
}
