using System.Buffers.Binary;
using System.Diagnostics;
using Tidemark.Engine.Devices.VirtualDisks.Writing;

namespace Tidemark.Engine.Devices.VirtualDisks.Qcow2;

/// <summary>
/// Writes a qcow2 file of version 3: header, L1 table, clusters in the disk's order with each L2 table behind the clusters
/// it maps, reference counts (qemu, docs/interop/qcow2.txt). Every cluster is used once.
/// </summary>
internal sealed class Qcow2Writer : DiskWriter
{
    /// <summary>Bytes of the L1 table at most: what qemu reads. With clusters of 64 KiB that is a disk of 2 PiB.</summary>
    private const long MaxL1Bytes = 32 << 20;

    private readonly Qcow2Header header;
    private readonly int bits;
    private readonly byte[] l1;
    private readonly byte[] l2;
    private long next;
    private long cluster = -1;
    private long dataOffset = -1;
    private long l2Index = -1;

    /// <param name="file">A new file.</param>
    /// <param name="header">Clusters, size and names; the places of the tables are set here.</param>
    /// <exception cref="TidemarkException">The disk is too large for its clusters, or the names don't fit.</exception>
    public Qcow2Writer(RawDevice file, Qcow2Header header)
        : base(file, header.DiskSize)
    {
        bits = header.ClusterBits;
        var mapped = Unit * (Unit / Qcow2Entry.Size);
        var entries = (Size + mapped - 1) / mapped;
        if (entries * Qcow2Entry.Size > MaxL1Bytes)
        {
            throw TidemarkException.WrongUse(
                $"A qcow2 file with clusters of {Unit} bytes holds {MaxL1Bytes / Qcow2Entry.Size * mapped} bytes at most, and the volume has {Size}. Give larger blocks.");
        }

        this.header = header with { L1Entries = (uint)entries, L1Offset = Unit };
        l1 = new byte[RoundUp(entries * Qcow2Entry.Size, Unit)];
        l2 = new byte[Unit];
        next = Unit + l1.Length;
        Reach(next);
        if (!(this.header with { Origin = Guid.Empty }).TryWrite(new byte[Unit]))
        {
            throw TidemarkException.WrongUse(
                $"The name of the base, {header.BackingFile}, is too long for the header of a qcow2 file. Put the base beside the file.");
        }
    }

    public override long Unit => 1L << bits;

    private bool HasBacking => header.BackingFile is not null;

    public override long Place(long offset, int length, out int run)
    {
        Enter(offset >> bits);
        if (dataOffset < 0)
        {
            dataOffset = Take(Unit);
            SetEntry(Qcow2Entry.Of(dataOffset));
        }

        var within = offset & (Unit - 1);
        run = (int)Math.Min(length, Unit - within);
        return dataOffset + within;
    }

    public override void Zeros(long offset, long length)
    {
        // Without a backing file a cluster that isn't there is zeros. With one, what is told comes as whole clusters, if in
        // several parts, so that a part of a cluster with content needs nothing.
        var end = offset + length;
        while (HasBacking && offset < end)
        {
            Enter(offset >> bits);
            if (dataOffset < 0)
            {
                SetEntry(Qcow2Entry.Zero);
            }

            offset = (cluster + 1) << bits;
        }
    }

    public override void Complete()
    {
        EndL2();
        var counts = Qcow2Refcounts.For(next >> bits, bits);
        File.Resize(counts.Clusters << bits);
        counts.Write(File, bits);
        File.WriteAt(header.L1Offset, l1);
        var start = new byte[Unit];
        var written = (header with
        {
            Origin = ContentId,
            RefcountTableOffset = (counts.FirstCluster + counts.Blocks) << bits,
            RefcountTableClusters = (uint)counts.TableClusters,
        }).TryWrite(start);
        Debug.Assert(written);
        File.WriteAt(0, start);
    }

    private void Enter(long wanted)
    {
        if (wanted == cluster)
        {
            return;
        }

        Debug.Assert(wanted > cluster);
        var index = wanted / (Unit / Qcow2Entry.Size);
        if (index != l2Index)
        {
            EndL2();
            l2Index = index;
        }

        cluster = wanted;
        dataOffset = -1;
    }

    private void SetEntry(ulong entry) => BinaryPrimitives.WriteUInt64BigEndian(
        l2.AsSpan((int)(cluster % (Unit / Qcow2Entry.Size)) * Qcow2Entry.Size), entry);

    private void EndL2()
    {
        if (l2Index >= 0)
        {
            var at = Take(Unit);
            File.WriteAt(at, l2);
            BinaryPrimitives.WriteUInt64BigEndian(l1.AsSpan((int)l2Index * Qcow2Entry.Size), Qcow2Entry.Of(at));
            l2.AsSpan().Clear();
            l2Index = -1;
        }
    }

    private long Take(long length)
    {
        var at = next;
        next += length;
        Reach(next);
        return at;
    }
}
