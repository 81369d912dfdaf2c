using System.Diagnostics;

namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>The content of a non-resident attribute. What its record calls uninitialized reads as zeros.</summary>
internal sealed class NtfsContent(AllocationSource volume, int clusterSize, long length, long initialized, bool isPlain) : AllocationContent
{
    private readonly List<ClusterRun> runs = [];

    public override long Length => length;

    public long Initialized => initialized;

    /// <summary>Neither compressed, encrypted nor sparse.</summary>
    public bool IsPlain => isPlain;

    /// <summary>In the content's order, without a gap.</summary>
    public IReadOnlyList<ClusterRun> Runs => runs;

    /// <summary>The end of the last run.</summary>
    public long EndVcn => runs.Count == 0 ? 0 : runs[^1].EndVcn;

    /// <summary>Adds the part that the attribute describes.</summary>
    public void Append(NtfsAttribute part, long clusters)
    {
        // Only a sparse file can be larger than the volume.
        if (part.LowestVcn != EndVcn || part.HighestVcn + 1 > (isPlain ? clusters : long.MaxValue / clusterSize))
        {
            throw new AllocationException("the list of a file's clusters doesn't fit together");
        }

        MappingPairs.Append(part.MappingPairs, (part.LowestVcn, part.HighestVcn + 1), clusters, runs);
    }

    protected override void ReadInside(long position, Span<byte> buffer)
    {
        if (buffer.Length > initialized - position)
        {
            var count = (int)Math.Clamp(initialized - position, 0, buffer.Length);
            buffer[count..].Clear();
            buffer = buffer[..count];
        }

        for (var i = buffer.Length == 0 ? 0 : RunOf(position / clusterSize); buffer.Length > 0; i++)
        {
            if (i == runs.Count)
            {
                throw new AllocationException("a file is longer than its clusters");
            }

            var run = runs[i];
            var within = position - (run.Vcn * clusterSize);
            var count = (int)Math.Min(buffer.Length, (run.Count * clusterSize) - within);
            if (run.IsHole)
            {
                buffer[..count].Clear();
            }
            else
            {
                volume.Read((run.Lcn * clusterSize) + within, buffer[..count]);
            }

            buffer = buffer[count..];
            position += count;
        }
    }

    // The run with the cluster, or the number of runs.
    private int RunOf(long vcn)
    {
        int low = 0, high = runs.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (runs[middle].EndVcn <= vcn)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        Debug.Assert(low == runs.Count || runs[low].Vcn <= vcn);
        return low;
    }
}
