using System.Buffers.Binary;
using System.Diagnostics;

namespace Tidemark.Engine.Devices.VirtualDisks.Qcow2;

/// <summary>
/// The reference counts of a file in which every cluster is used once: blocks of ones behind everything else, and then the
/// table of these blocks (docs/interop/qcow2.txt, "Host cluster management").
/// </summary>
internal readonly record struct Qcow2Refcounts(long FirstCluster, long Blocks, long TableClusters)
{
    private const int CountSize = sizeof(ushort);

    /// <summary>Clusters of the file, counts included.</summary>
    public long Clusters => FirstCluster + Blocks + TableClusters;

    /// <summary>What counts a file needs that has so many clusters without them.</summary>
    public static Qcow2Refcounts For(long clusters, int clusterBits)
    {
        var perBlock = (1L << clusterBits) / CountSize;
        var perTable = (1L << clusterBits) / Qcow2Entry.Size;
        var counts = new Qcow2Refcounts(clusters, 0, 0);
        while (true)
        {
            // They count themselves; each round adds what the last one's own clusters need.
            var blocks = (counts.Clusters + perBlock - 1) / perBlock;
            var next = new Qcow2Refcounts(clusters, blocks, (blocks + perTable - 1) / perTable);
            if (next == counts)
            {
                return counts;
            }

            Debug.Assert(next.Clusters > counts.Clusters);
            counts = next;
        }
    }

    /// <summary>Writes blocks and table; the file reaches over them.</summary>
    public void Write(BlockDevice file, int clusterBits)
    {
        var cluster = new byte[1 << clusterBits];
        var perBlock = cluster.Length / CountSize;
        for (var i = 0; i < cluster.Length; i += CountSize)
        {
            BinaryPrimitives.WriteUInt16BigEndian(cluster.AsSpan(i), 1);
        }

        for (long block = 0; block < Blocks; block++)
        {
            var used = Math.Min(perBlock, Clusters - (block * perBlock));
            file.WriteAt((FirstCluster + block) << clusterBits, cluster.AsSpan(0, (int)used * CountSize));
        }

        var table = new Writing.TableWriter(file, (FirstCluster + Blocks) << clusterBits, 0);
        for (long block = 0; block < Blocks; block++)
        {
            BinaryPrimitives.WriteInt64BigEndian(
                table.Entry(block * Qcow2Entry.Size, Qcow2Entry.Size), (FirstCluster + block) << clusterBits);
        }

        table.Complete(TableClusters << clusterBits);
    }
}
