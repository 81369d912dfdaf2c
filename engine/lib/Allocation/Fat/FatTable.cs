using System.Buffers.Binary;
using System.Diagnostics;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Allocation.Fat;

/// <summary>
/// A file allocation table (Microsoft FAT specification, section 4): an entry of 12, 16 or 32 bits for each cluster, read a window
/// at a time. Of 32 bits, the upper four aren't part of the entry.
/// </summary>
internal sealed class FatTable
{
    /// <summary>The first cluster has this number.</summary>
    public const long FirstCluster = 2;

    /// <summary>Whole entries of each width.</summary>
    private const int WindowBytes = 48 << 10;

    private readonly AllocationSource volume;
    private readonly FatBootSector boot;
    private readonly long offset;
    private readonly int width;
    private readonly long entries;
    private readonly byte[] window = new byte[WindowBytes];
    private long windowStart = -1;

    /// <param name="volume">The volume.</param>
    /// <param name="boot">Its boot sector.</param>
    /// <param name="number">Which of the tables.</param>
    public FatTable(AllocationSource volume, FatBootSector boot, int number)
    {
        this.volume = volume;
        this.boot = boot;
        offset = boot.TableOffset + (number * boot.TableLength);
        width = boot.Type switch { "fat12" => 12, "fat16" => 16, _ => 32 };
        entries = boot.Clusters + FirstCluster;
    }

    /// <summary>The number behind that of the last cluster.</summary>
    public long End => entries;

    /// <summary>Bytes that the entries take.</summary>
    public long Bytes => ((entries * width) + 7) / 8;

    /// <summary>Entries from here on are reserved where there is no such cluster.</summary>
    public uint FirstReserved => Mask - 0xF;

    /// <summary>What the entry of a bad cluster is; all above are ends of chains, and no cluster has such a number.</summary>
    public uint BadMark => Mask - 8;

    private uint Mask => width == 32 ? 0x0FFF_FFFF : (1u << width) - 1;

    private long WindowEntries => WindowBytes * 8L / width;

    /// <summary>The entry of a cluster, or one of the two before the first.</summary>
    public uint this[long cluster]
    {
        get
        {
            Debug.Assert(cluster >= 0 && cluster < entries);
            var at = (int)(cluster - Load(cluster));
            return width switch
            {
                12 => (uint)(BinaryPrimitives.ReadUInt16LittleEndian(window.AsSpan(at * 3 / 2)) >> (at % 2 * 4)) & Mask,
                16 => BinaryPrimitives.ReadUInt16LittleEndian(window.AsSpan(at * 2)),
                _ => BinaryPrimitives.ReadUInt32LittleEndian(window.AsSpan(at * 4)) & Mask,
            };
        }
    }

    public bool IsFree(long cluster) => this[cluster] == 0;

    /// <summary>The cluster that follows one in its chain; 0 behind the last.</summary>
    /// <exception cref="AllocationException">The entry leads nowhere.</exception>
    public long Next(long cluster)
    {
        var entry = this[cluster];
        return entry > BadMark ? 0 : entry >= FirstCluster && entry < entries ? entry : throw new AllocationException($"the chain of cluster {cluster} leads nowhere");
    }

    /// <summary>The run of clusters that are all free, or all not, to its end or to that of the window.</summary>
    public (bool IsFree, long End) RunAt(long cluster)
    {
        var end = Math.Min(Load(cluster) + WindowEntries, entries);
        var isFree = IsFree(cluster);
        var at = cluster + 1;
        while (at < end && IsFree(at) == isFree)
        {
            at++;
        }

        return (isFree, at);
    }

    /// <exception cref="AllocationException">Another table differs.</exception>
    public void CheckSame(FatTable other)
    {
        for (long at = 0; at < entries; at += WindowEntries)
        {
            Load(at);
            other.Load(at);
            var bytes = (int)Math.Min(WindowBytes, Bytes - (at * width / 8));
            if (!window.AsSpan(0, bytes).SequenceEqual(other.window.AsSpan(0, bytes)))
            {
                throw new AllocationException("its tables differ");
            }
        }
    }

    private long Load(long cluster)
    {
        var start = cluster - (cluster % WindowEntries);
        if (start != windowStart)
        {
            windowStart = -1;
            var at = start * width / 8;
            var bytes = (int)Math.Min(WindowBytes, Math.Min(Bytes, boot.TableLength) - at);
            volume.Read(offset + at, window.AsSpan(0, bytes));
            window.AsSpan(bytes).Clear();
            windowStart = start;
        }

        return start;
    }
}
