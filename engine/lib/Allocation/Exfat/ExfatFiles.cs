using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Exfat;

/// <summary>The files of exFAT by the entry sets of its folders (Microsoft's exFAT file system specification, sections 7.4, 7.6, 7.7).</summary>
internal sealed class ExfatFiles(ExfatVolume volume) : FileExtents
{
    private const int EntrySize = 32;
    private const byte FileEntry = 0x85;
    private const byte StreamEntry = 0xC0;
    private const byte NameEntry = 0xC1;
    private const byte FolderAttribute = 0x10;
    private const byte IsContiguous = 2;
    private const int NameUnits = 15;

    /// <summary>A file's entry, its stream's, and seventeen of 255 characters.</summary>
    private const int MostEntries = 19;

    /// <summary>Bytes of a folder at most (section 7.4).</summary>
    private const long MostFolderBytes = 256 << 20;

    /// <exception cref="AllocationException">The volume isn't to be read.</exception>
    public static ExfatFiles? Open(AllocationSource source) => ExfatVolume.TryOpen(source) is { } volume ? new ExfatFiles(volume) : null;

    public override void Walk(IFileVisitor visitor, CancellationToken cancellation)
    {
        var waiting = new Stack<(ExfatContent Folder, string Path)>();
        var seen = new HashSet<uint> { volume.RootCluster };
        var entries = new byte[MostEntries * EntrySize];
        waiting.Push((volume.OpenWholeChain(volume.RootCluster, MostFolderBytes), ""));
        while (waiting.TryPop(out var next))
        {
            for (long at = 0; at < next.Folder.Length; at += EntrySize)
            {
                cancellation.ThrowIfCancellationRequested();
                next.Folder.Read(at, entries.AsSpan(0, EntrySize));
                if (entries[0] == 0)
                {
                    break;
                }

                var count = entries[0] == FileEntry ? entries[1] + 1 : 1;
                if (count is < 3 or > MostEntries || at + (count * EntrySize) > next.Folder.Length)
                {
                    continue;
                }

                next.Folder.Read(at, entries.AsSpan(0, count * EntrySize));
                if (entries[EntrySize] != StreamEntry || NameOf(entries.AsSpan(0, count * EntrySize)) is not { } name)
                {
                    continue;
                }

                at += (count - 1) * EntrySize;
                Take(entries, next.Path + name);
            }
        }

        void Take(ReadOnlySpan<byte> set, string path)
        {
            var first = BinaryPrimitives.ReadUInt32LittleEndian(set[(EntrySize + 20)..]);
            var isFolder = (set[4] & FolderAttribute) != 0;
            if (!isFolder && visitor.Wants(path))
            {
                var content = first == 0 ? null : Open(set[EntrySize..], first);
                visitor.Visit(path, new NamedFile(first, 1), Extents(content));
            }
            else if (isFolder && first != 0 && seen.Add(first))
            {
                var folder = Open(set[EntrySize..], first);
                if (folder.Length > MostFolderBytes || seen.Count > MostFolders)
                {
                    throw new AllocationException($"it has more than {MostFolders} folders, or one that is longer than it can be");
                }

                waiting.Push((folder, path + "/"));
            }
        }
    }

    private ExfatContent Open(ReadOnlySpan<byte> stream, uint first)
    {
        var length = BinaryPrimitives.ReadInt64LittleEndian(stream[24..]);
        if (length <= 0 || length > volume.Clusters * (long)volume.ClusterSize)
        {
            throw new AllocationException($"the length of the file in cluster {first} is impossible");
        }

        return (stream[1] & IsContiguous) != 0 ? volume.OpenRange(first, length) : volume.OpenChain(first, length);
    }

    private List<ContentExtent> Extents(ExfatContent? content) =>
        content?.Runs.Select(run => new ContentExtent(volume.OffsetOf(run.First), run.Count * (long)volume.ClusterSize)).ToList() ?? [];

    private static string? NameOf(ReadOnlySpan<byte> set)
    {
        Span<char> name = stackalloc char[MostEntries * NameUnits];
        int length = set[EntrySize + 3];
        var found = 0;
        for (var i = 2; i < set.Length / EntrySize && set[i * EntrySize] == NameEntry; i++)
        {
            for (var unit = 0; unit < NameUnits; unit++)
            {
                name[found++] = (char)BinaryPrimitives.ReadUInt16LittleEndian(set[((i * EntrySize) + 2 + (unit * 2))..]);
            }
        }

        return length == 0 || length > found ? null : new string(name[..length]);
    }
}
