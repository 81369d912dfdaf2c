using System.Buffers.Binary;

namespace Tidemark.Engine.Allocation.Ntfs;

/// <summary>
/// The index $I30 of a folder: its files by name (Linux-NTFS project's layout.h, INDEX_ROOT, INDEX_BLOCK, INDEX_ENTRY). Its
/// blocks are read in the order they lie in, since whoever looks for all names needs no tree.
/// </summary>
internal static class NtfsFolder
{
    private const string IndexName = "$I30";

    /// <summary>Where the index header begins in the root, and in a block.</summary>
    private const int RootHeader = 0x10;
    private const int BlockHeader = 0x18;

    private const int HeaderSize = 16;
    private const int EntryHeader = 16;
    private const ushort LastEntry = 2;

    private const int MostBlockBytes = 64 << 10;

    /// <summary>Is told of a name; folders are told of too.</summary>
    public delegate void NameAction(FileReference file, ReadOnlySpan<char> name, NtfsNameSpace space, bool isFolder);

    /// <summary>Tells of all names in a folder.</summary>
    /// <exception cref="AllocationException">The index is damaged.</exception>
    public static void Read(NtfsVolume volume, FileRecord folder, NameAction action)
    {
        var root = volume.ReadValue(folder, NtfsAttribute.IndexRoot, IndexName);
        if (root is null || root.Length < RootHeader + HeaderSize)
        {
            throw Damaged(folder);
        }

        ReadEntries(folder, root.AsSpan(RootHeader), action);
        if (volume.OpenContent(folder, NtfsAttribute.IndexAllocation, IndexName) is { } blocks)
        {
            ReadBlocks(volume, folder, blocks, BinaryPrimitives.ReadInt32LittleEndian(root.AsSpan(8)), action);
        }
    }

    private static void ReadBlocks(NtfsVolume volume, FileRecord folder, NtfsContent blocks, int size, NameAction action)
    {
        if (size < UpdateSequence.Stride || size > MostBlockBytes || !int.IsPow2(size) || !blocks.IsPlain)
        {
            throw Damaged(folder);
        }

        // Blocks are counted in clusters, or in strides where they are smaller than a cluster.
        var unit = volume.ClusterSize <= size ? volume.ClusterSize : UpdateSequence.Stride;
        var count = blocks.Length / size;
        var inUse = InUse(volume, folder, count);
        var block = new byte[size];
        for (long i = 0; i < count;)
        {
            var (isUsed, end) = inUse.RunAt(i);
            for (; isUsed && i < end; i++)
            {
                blocks.Read(i * size, block);
                if (!block.AsSpan().StartsWith("INDX"u8) || !UpdateSequence.TryUndo(block)
                    || BinaryPrimitives.ReadInt64LittleEndian(block.AsSpan(16)) != i * size / unit)
                {
                    throw Damaged(folder);
                }

                ReadEntries(folder, block.AsSpan(BlockHeader), action);
            }

            i = end;
        }
    }

    private static ClusterBitmap InUse(NtfsVolume volume, FileRecord folder, long count)
    {
        AllocationContent? bits = volume.OpenContent(folder, NtfsAttribute.Bitmap, IndexName);
        bits ??= volume.ReadValue(folder, NtfsAttribute.Bitmap, IndexName) is { } value ? new MemoryContent(value) : null;
        return bits is not null && bits.Length >= (count + 7) / 8 ? new ClusterBitmap(bits, count) : throw Damaged(folder);
    }

    private static void ReadEntries(FileRecord folder, ReadOnlySpan<byte> header, NameAction action)
    {
        var start = BinaryPrimitives.ReadUInt32LittleEndian(header);
        var end = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        if (start < HeaderSize || end > header.Length || start > end)
        {
            throw Damaged(folder);
        }

        for (var rest = header[(int)start..(int)end]; ;)
        {
            var length = rest.Length < EntryHeader ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(rest[8..]);
            if (length < EntryHeader || length > rest.Length || length % 8 != 0)
            {
                throw Damaged(folder);
            }

            if ((BinaryPrimitives.ReadUInt16LittleEndian(rest[12..]) & LastEntry) != 0)
            {
                return;
            }

            if (!NtfsFileName.TryRead(rest.Slice(EntryHeader, Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(rest[10..]), length - EntryHeader)), out var name))
            {
                throw Damaged(folder);
            }

            action(new FileReference(BinaryPrimitives.ReadUInt64LittleEndian(rest)), name.Name, name.Space, name.IsFolder);
            rest = rest[length..];
        }
    }

    private static AllocationException Damaged(FileRecord folder) => new($"the index of folder {folder.Number} is damaged");
}
