using System.Collections;

namespace Tidemark.Engine.Allocation.Fat;

/// <summary>
/// Whether everything that can be reached by a table and the folders is in use. FAT has no journal, and not every writer marks the
/// volume while it writes, so what a system that lost its power left shows only here: a chain or a name that leads to a free cluster.
/// </summary>
internal sealed class FatChecks(FatTable table)
{
    // A bit for each cluster that something leads to: 32 MiB for the most that a FAT can have.
    private readonly BitArray reached = new((int)table.End);

    /// <summary>Takes the links of all chains in.</summary>
    /// <returns>Clusters that are free.</returns>
    /// <exception cref="AllocationException">A link leads outside, or where another leads.</exception>
    public long AddLinks()
    {
        long free = 0;
        for (var cluster = FatTable.FirstCluster; cluster < table.End; cluster++)
        {
            var entry = table[cluster];
            if (entry == 0)
            {
                free++;
            }
            else if (entry >= FatTable.FirstCluster && entry < table.End)
            {
                Add(entry);
            }
            else if (entry > 1 && entry < table.FirstReserved)
            {
                throw new AllocationException($"the chain of cluster {cluster} leads out of it");
            }
        }

        return free;
    }

    /// <summary>Takes the first cluster of a file or folder in.</summary>
    /// <exception cref="AllocationException">It is outside, or something else leads there.</exception>
    public void Add(long cluster)
    {
        if (cluster < FatTable.FirstCluster || cluster >= table.End)
        {
            throw new AllocationException($"a file begins with cluster {cluster}, which it doesn't have");
        }

        if (reached[(int)cluster])
        {
            throw new AllocationException($"two chains have cluster {cluster}");
        }

        reached[(int)cluster] = true;
    }

    /// <exception cref="AllocationException">Something leads to a free cluster, or to a bad one.</exception>
    public void CheckReached()
    {
        for (var cluster = FatTable.FirstCluster; cluster < table.End; cluster++)
        {
            if (reached[(int)cluster] && table[cluster] is var entry && (entry == 0 || entry == table.BadMark))
            {
                throw new AllocationException($"a file has cluster {cluster}, which its table calls free or bad");
            }
        }
    }
}
