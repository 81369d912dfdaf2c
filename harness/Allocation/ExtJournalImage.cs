using System.Buffers.Binary;
using System.Globalization;
using Tidemark.Engine.Hashing;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.Allocation;

/// <summary>An ext image whose journal debugfs writes, transaction by transaction, and whose bytes are changed at will.</summary>
internal sealed class ExtJournalImage(TempFolder folder, string path, int blockSize)
{
    private const int SuperblockSize = 1024;
    private const int ChecksumAt = 0xFC;

    private readonly List<string> commands = [];
    private readonly Lazy<long> first = new(() => FirstOf(path));

    public string Path { get; } = path;

    /// <summary>Writes a transaction: blocks and their new content.</summary>
    public ExtJournalImage Write(IReadOnlyDictionary<long, byte[]> blocks, bool isCommitted = true)
    {
        var content = folder.At($"{Guid.NewGuid():N}");
        File.WriteAllBytes(content, [.. blocks.Values.SelectMany(bytes => bytes)]);
        commands.Add($"jw {(isCommitted ? "" : "-c ")}-b {List(blocks.Keys)} {content}");
        return this;
    }

    /// <summary>Writes a transaction that revokes blocks.</summary>
    public ExtJournalImage Revoke(params long[] blocks)
    {
        commands.Add($"jw -r {List(blocks)}");
        return this;
    }

    /// <summary>Has debugfs write all that into the journal, with options of its own as for the kind of checksums.</summary>
    public void Close(string options)
    {
        ExtImage.Debugfs(folder, Path, string.Join('\n', [$"jo {options}", .. commands, "jc", ""]));
        commands.Clear();
    }

    /// <summary>Changes a block of the journal, by its place there.</summary>
    public void Change(long block, Action<byte[]> change)
    {
        using var file = new FileStream(Path, FileMode.Open);
        var bytes = new byte[blockSize];
        file.Position = PlaceOf(block) * blockSize;
        file.ReadExactly(bytes);
        change(bytes);
        file.Position -= blockSize;
        file.Write(bytes);
    }

    /// <summary>Changes the journal's superblock and makes its checksum right.</summary>
    public void ChangeSuperblock(Action<byte[]> change) => Change(0, bytes =>
    {
        change(bytes);
        Seal(bytes);
    });

    /// <summary>Turns the ring of the journal, which debugfs fills from its first block on, so that what is in it goes past its end. Not for ext3, whose journal isn't in one piece.</summary>
    public void Turn(int by)
    {
        if (by == 0)
        {
            return;
        }

        var ring = new List<byte[]>();
        var length = 0;
        Change(0, bytes => length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(0x10)) - 1);
        using (var file = new FileStream(Path, FileMode.Open))
        {
            for (var i = 1; i <= length; i++)
            {
                var bytes = new byte[blockSize];
                file.Position = PlaceOf(i) * blockSize;
                file.ReadExactly(bytes);
                ring.Add(bytes);
            }

            for (var i = 0; i < length; i++)
            {
                file.Position = PlaceOf(1 + ((i + by) % length)) * blockSize;
                file.Write(ring[i]);
            }
        }

        ChangeSuperblock(bytes => BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(0x1C), 1 + by));
    }

    private static void Seal(byte[] bytes)
    {
        var superblock = bytes.AsSpan(0, SuperblockSize);
        superblock.Slice(ChecksumAt, 4).Clear();
        BinaryPrimitives.WriteUInt32BigEndian(superblock[ChecksumAt..], Crc32C.Append(Crc32C.Start, superblock));
    }

    // mke2fs makes a small journal in one piece, but for the block map that ext3 has in the midst of it.
    private long PlaceOf(long block) => first.Value + block;

    private static long FirstOf(string image) => long.Parse(
        Tool.Run("debugfs", "-R", "bmap <8> 0", image).Output.Trim(), CultureInfo.InvariantCulture);

    private static string List(IEnumerable<long> blocks) => string.Join(',', blocks);
}
