using System.Buffers.Binary;
using System.Numerics;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Allocation.Exfat;

/// <summary>
/// The main boot region of exFAT and what it says (Microsoft's exFAT file system specification, sections 3.1 and 3.4), and the
/// tables of the chains.
/// </summary>
internal sealed class ExfatVolume
{
    /// <summary>The first cluster has this number.</summary>
    public const uint FirstCluster = 2;

    /// <summary>Clusters of one content at most, 16 MiB of runs of one cluster each: as many as the largest bitmap has.</summary>
    private const int MostRuns = 1 << 20;

    private const int HeadSize = 512;

    /// <summary>Sectors that the checksum is over; one more is full of it.</summary>
    private const int SummedSectors = 11;

    private const uint MostClusters = 0xFFFF_FFF5;
    private const uint EndOfChain = 0xFFFF_FFFF;
    private const ushort ActiveFatFlag = 1;
    private const ushort DirtyFlag = 2;

    private readonly AllocationSource source;
    private readonly long tableOffset;

    private ExfatVolume(AllocationSource source, ReadOnlySpan<byte> sector)
    {
        this.source = source;
        var sectorSize = 1L << sector[108];
        ClusterSize = (int)(sectorSize << sector[109]);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(sector[72..]);
        var table = BinaryPrimitives.ReadUInt32LittleEndian(sector[80..]);
        var tableLength = BinaryPrimitives.ReadUInt32LittleEndian(sector[84..]);
        var heap = BinaryPrimitives.ReadUInt32LittleEndian(sector[88..]);
        Clusters = BinaryPrimitives.ReadUInt32LittleEndian(sector[92..]);
        RootCluster = BinaryPrimitives.ReadUInt32LittleEndian(sector[96..]);
        var revision = sector[105];
        var flags = BinaryPrimitives.ReadUInt16LittleEndian(sector[106..]);
        Tables = sector[110];

        if (length > (ulong)(source.Length / sectorSize))
        {
            throw new AllocationException("it is cut off: by its boot sector it is larger than what it lies on");
        }

        if (revision != 1)
        {
            throw new AllocationException($"it is of revision {revision} of exFAT, which isn't known");
        }

        var active = flags & ActiveFatFlag;
        // Two tables and two bitmaps are TexFAT's.
        if (Tables is not (1 or 2) || active >= Tables)
        {
            throw new AllocationException($"it has {Tables} tables and means number {active}");
        }

        if (table < 2 * (SummedSectors + 1) || tableLength * sectorSize < (Clusters + (long)FirstCluster) * sizeof(uint)
            || table + ((long)tableLength * Tables) > heap || Clusters == 0 || Clusters > MostClusters
            || heap + ((ulong)Clusters << sector[109]) > length || !Has(RootCluster))
        {
            throw new AllocationException("the places of its table, its clusters and its root folder don't fit together");
        }

        if ((flags & DirtyFlag) != 0)
        {
            throw new AllocationException("it is marked dirty: it wasn't unmounted, or has to be checked");
        }

        HeapOffset = heap * sectorSize;
        tableOffset = (table + (active * (long)tableLength)) * sectorSize;
    }

    public int ClusterSize { get; }

    /// <summary>Where the first cluster begins.</summary>
    public long HeapOffset { get; }

    public uint Clusters { get; }

    public uint RootCluster { get; }

    public int Tables { get; }

    /// <summary>Opens a volume; null where it isn't exFAT.</summary>
    /// <exception cref="AllocationException">It is, and is damaged or not clean.</exception>
    public static ExfatVolume? TryOpen(AllocationSource source)
    {
        Span<byte> sector = stackalloc byte[HeadSize];
        if (source.Length < HeadSize)
        {
            return null;
        }

        source.Read(0, sector);
        if (ExfatBootSector.TryRead(sector) is null)
        {
            return null;
        }

        CheckSum(source, 1 << sector[108]);
        return new ExfatVolume(source, sector);
    }

    public bool Has(uint cluster) => cluster >= FirstCluster && cluster - FirstCluster < Clusters;

    public long OffsetOf(uint cluster) => HeapOffset + ((cluster - FirstCluster) * (long)ClusterSize);

    /// <summary>The content of a chain.</summary>
    /// <param name="first">Its first cluster.</param>
    /// <param name="length">Its bytes, which the chain has to have.</param>
    /// <exception cref="AllocationException">The chain leads outside, or is too short.</exception>
    public ExfatContent OpenChain(uint first, long length)
    {
        var runs = Follow(first, (length + ClusterSize - 1) / ClusterSize, out var found);
        return found * ClusterSize < length
            ? throw new AllocationException($"the chain of cluster {first} is too short")
            : new ExfatContent(source, this, runs, length);
    }

    /// <summary>The content of a chain up to its end, if it has one before that many bytes.</summary>
    /// <exception cref="AllocationException">The chain leads outside, or is too long.</exception>
    public ExfatContent OpenWholeChain(uint first, long mostBytes)
    {
        var runs = Follow(first, (mostBytes / ClusterSize) + 1, out var found);
        return found * ClusterSize > mostBytes
            ? throw new AllocationException($"the chain of cluster {first} is longer than it can be")
            : new ExfatContent(source, this, runs, found * ClusterSize);
    }

    /// <summary>The content of clusters side by side, of which no table tells.</summary>
    /// <exception cref="AllocationException">They lead outside.</exception>
    public ExfatContent OpenRange(uint first, long length)
    {
        var count = (length + ClusterSize - 1) / ClusterSize;
        return !Has(first) || count > Clusters - (first - FirstCluster)
            ? throw new AllocationException($"the file in cluster {first} leads out of it")
            : new ExfatContent(source, this, [(first, (uint)count)], length);
    }

    private List<(uint First, uint Count)> Follow(uint first, long most, out long found)
    {
        var runs = new List<(uint First, uint Count)>();
        found = 0;
        for (var cluster = first; found < most && (cluster != EndOfChain || found == 0); cluster = Next(cluster))
        {
            // Whatever is longer than the volume goes round.
            if (!Has(cluster) || found == Clusters)
            {
                throw new AllocationException($"the chain of cluster {first} is damaged");
            }

            if (runs.Count > 0 && runs[^1].First + runs[^1].Count == cluster)
            {
                runs[^1] = (runs[^1].First, runs[^1].Count + 1);
            }
            else if (runs.Count == MostRuns)
            {
                throw new AllocationException($"the chain of cluster {first} is in more than {MostRuns} pieces");
            }
            else
            {
                runs.Add((cluster, 1));
            }

            found++;
        }

        return runs;
    }

    private uint Next(uint cluster)
    {
        Span<byte> entry = stackalloc byte[sizeof(uint)];
        source.Read(tableOffset + (cluster * (long)sizeof(uint)), entry);
        return BinaryPrimitives.ReadUInt32LittleEndian(entry);
    }

    // Flags and the share in use change without it.
    private static void CheckSum(AllocationSource source, int sectorSize)
    {
        var region = new byte[(SummedSectors + 1) * sectorSize];
        source.Read(0, region);
        uint sum = 0;
        for (var i = 0; i < SummedSectors * sectorSize; i++)
        {
            if (i is not (106 or 107 or 112))
            {
                sum = BitOperations.RotateRight(sum, 1) + region[i];
            }
        }

        for (var i = SummedSectors * sectorSize; i < region.Length; i += sizeof(uint))
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(region.AsSpan(i)) != sum)
            {
                throw new AllocationException("its boot region is damaged: the checksum is another");
            }
        }
    }
}
