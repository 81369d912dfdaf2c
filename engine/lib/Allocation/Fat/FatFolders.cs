using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Allocation.Fat;

/// <summary>The folders of a FAT volume: what lies in each, from its root on.</summary>
internal sealed class FatFolders(AllocationSource volume, FatBootSector boot, FatTable table)
{
    /// <summary>
    /// Folders that a walk visits at most: more than any disk has that isn't an attack, and 8 MiB of them to come.
    /// </summary>
    private const int MostFolders = 1 << 20;

    /// <summary>Entries that a folder can have (65536, by the specification), in bytes; a longer chain is none of a folder.</summary>
    private const long MostFolderBytes = 2 << 20;

    /// <summary>Is told of an entry that names a file or folder, and of the pieces of long names before it.</summary>
    public delegate void EntryAction(FatEntry entry);

    /// <summary>Tells of all entries of a folder, those behind its end too, since some readers go on there.</summary>
    /// <param name="first">Its first cluster; 0 for the root.</param>
    /// <param name="action">Is told.</param>
    /// <exception cref="AllocationException">The chain of the folder is damaged.</exception>
    public void Read(long first, EntryAction action)
    {
        if (first == 0 && boot.RootCluster == 0)
        {
            var root = new byte[boot.RootLength];
            volume.Read(boot.RootOffset, root);
            ReadEntries(root, action);
            return;
        }

        var bytes = new byte[boot.ClusterSize];
        long length = 0;
        for (var cluster = first == 0 ? boot.RootCluster : first; cluster != 0; cluster = table.Next(cluster))
        {
            length += bytes.Length;
            if (length > MostFolderBytes + bytes.Length || cluster < FatTable.FirstCluster || cluster >= table.End)
            {
                throw new AllocationException($"the chain of the folder in cluster {first} is damaged");
            }

            volume.Read(OffsetOf(cluster), bytes);
            ReadEntries(bytes, action);
        }
    }

    /// <summary>Walks all folders and takes what they lead to into the checks.</summary>
    /// <exception cref="AllocationException">A folder is damaged.</exception>
    public void Check(FatChecks checks)
    {
        var waiting = new Stack<long>();
        if (boot.RootCluster != 0)
        {
            checks.Add(boot.RootCluster);
        }

        // A folder is waiting once only: whatever leads to it a second time fails.
        waiting.Push(0);
        for (var visited = 0; waiting.TryPop(out var folder); visited++)
        {
            if (visited + waiting.Count > MostFolders)
            {
                throw new AllocationException($"it has more than {MostFolders} folders");
            }

            Read(folder, entry =>
            {
                var cluster = entry.ClusterOf(boot.Type);
                if (entry.IsEnd || entry.IsDeleted || entry.IsLongName || entry.IsLabel || entry.IsDots || cluster == 0)
                {
                    return;
                }

                checks.Add(cluster);
                if (entry.IsFolder)
                {
                    waiting.Push(cluster);
                }
            });
        }
    }

    /// <summary>Where a cluster begins.</summary>
    public long OffsetOf(long cluster) => boot.DataOffset + ((cluster - FatTable.FirstCluster) * boot.ClusterSize);

    private static void ReadEntries(ReadOnlySpan<byte> bytes, EntryAction action)
    {
        for (; bytes.Length >= FatEntry.Size; bytes = bytes[FatEntry.Size..])
        {
            action(new FatEntry(bytes[..FatEntry.Size]));
        }
    }
}
