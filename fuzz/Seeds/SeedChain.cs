using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Writing;
using Tidemark.Fuzz.Targets;

namespace Tidemark.Fuzz.Seeds;

/// <summary>A full image and an incremental one of a few blocks, made with the writer that backups use.</summary>
internal static class SeedChain
{
    public static readonly Guid ChainId = new("7d000000-0000-0000-0000-0000000000c1");

    private const int BlockSize = ImageFormat.MinBlockSize;
    private const int Blocks = 40;

    /// <summary>Bytes of the volume, which ends within a block.</summary>
    private const int SourceBytes = (Blocks * BlockSize) - 512;

    /// <summary>With two blocks before them they don't fit into the smallest part.</summary>
    private const int PartBlocks = 14;

    public static SourceIdentity Identity { get; } = SourceIdentity.Of(
        new IdentityItem(IdentityKind.GptDisk, "0f0e0d0c-0b0a-0908-0706-050403020100"),
        new IdentityItem(IdentityKind.FileSystem, "ext:00112233-4455-6677-8899-aabbccddeeff"),
        new IdentityItem(IdentityKind.FilePath, "/disk.img"));

    /// <summary>Its files by name; an encrypted one opens with <see cref="ChainTarget.Key"/>.</summary>
    public static List<(string Name, byte[] Bytes)> Make(Codec codec, bool encrypted, bool parts = false)
    {
        var folder = new MemoryStoreFolder("seed", "seed");
        using var source = KeySource.FromKey(ChainTarget.Key);
        var keys = encrypted ? KeyOperations.CreateTable(ChainId, source, new SeededRandomSource(2)) : ((KeySlotTable, ChainKeys)?)null;
        var full = Write(folder, Header(1, null, codec, keys?.Item1) with { PartSize = parts ? ImageFormat.MinPartSize : 0 }, keys?.Item2);
        _ = Write(folder, Header(2, full, codec, keys?.Item1), keys?.Item2);
        keys?.Item2.Dispose();
        return Files(folder);
    }

    /// <summary>The volume as the first image has it, where that has content.</summary>
    public static byte[] SourceContent()
    {
        var content = new byte[Blocks * BlockSize];
        foreach (var block in (long[])[0, 1, 30])
        {
            Content(block, 1).CopyTo(content, block * BlockSize);
        }

        return content[..SourceBytes];
    }

    /// <summary>The files of a chain with a healing image of its first image beside it, which has the first blocks again.</summary>
    public static List<(string Name, byte[] Bytes)> MakeHealed()
    {
        var folder = new MemoryStoreFolder("seed", "seed");
        var full = Write(folder, Header(1, null, Codec.Zstd, null), null);
        _ = Write(folder, Header(2, full, Codec.Zstd, null), null);
        var healing = Header(1, full, Codec.Zstd, null) with
        {
            ImageId = new Guid("7d000000-0000-0000-0000-000000000009"),
            Kind = ImageKind.Healing,
        };
        _ = Write(folder, healing, null, ImageNames.Aside(1, 1, ImageNames.HealingExtension));
        return Files(folder);
    }

    private static List<(string Name, byte[] Bytes)> Files(MemoryStoreFolder folder) =>
        [.. folder.List().OrderBy(file => file.Name.EndsWith(ImageNames.Extension, StringComparison.Ordinal) ? 0 : 1)
            .ThenBy(file => file.Name, StringComparer.Ordinal).Select(file => (file.Name, Read(folder, file)))];

    private static ImageHeader Header(long sequence, ParentLink? parent, Codec codec, KeySlotTable? keys) => new()
    {
        ChainId = ChainId,
        ImageId = new Guid($"7d000000-0000-0000-0000-00000000000{sequence}"),
        Sequence = sequence,
        Kind = parent is null ? ImageKind.Full : ImageKind.Incremental,
        BlockSize = BlockSize,
        Hash = keys is null ? HashAlgorithm.Xxh128 : HashAlgorithm.Blake3,
        Codec = codec,
        Created = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + sequence),
        SourceBytes = SourceBytes,
        LogicalSectorSize = 512,
        PhysicalSectorSize = 4096,
        Parent = parent,
        HashKey = new byte[BlockHasher.KeySize],
        Identity = Identity,
        ChainName = "daily",
        Keys = keys,
    };

    private static ParentLink Write(StoreFolder folder, ImageHeader header, ChainKeys? keys, string? name = null)
    {
        var key = header.HashKey.ToArray();
        keys?.DeriveIdentityKey(key);
        var hasher = BlockHasher.Create(header.Hash, key);
        using var cipher = keys?.CreateCipher(header.ImageId);
        using var writer = new ImageWriter(folder, header, cipher, name);
        using var encoder = new FrameEncoder(header.Codec, FrameCodec.DefaultLevel(header.Codec), cipher, header.ImageId, ImageFormat.DefaultFrameBytes);
        var job = new FrameJob(ImageFormat.DefaultFrameBytes, BlockSize);

        // Little content: a corpus is read all the time.
        long[] blocks = header.PartSize > 0 ? [0, 1, .. Enumerable.Range(20, PartBlocks)] : header.Kind switch
        {
            ImageKind.Full => [0, 1, 30],
            ImageKind.Healing => [0, 1],
            _ => [1, 12],
        };
        foreach (var block in blocks)
        {
            var content = Content(block, header.Sequence);
            job.TryAddBlock(block, block == 30 ? BlockState.Unreadable : BlockState.Data, hasher.HashBlock(content), content);
            if (block == 1 && header.Kind == ImageKind.Full)
            {
                job.TryAddRun(2, 18, BlockState.Zero);
                if (header.PartSize == 0)
                {
                    job.TryAddRun(20, 10, BlockState.Unallocated);
                }
            }
        }

        if (header.Kind == ImageKind.Full)
        {
            job.TryAddRun(blocks[^1] + 1, Blocks - blocks[^1] - 1, BlockState.Excluded);
        }

        job.Encode(encoder, 0);
        var place = writer.AppendFrame(job.Frame, job.PlainLength);
        var inFrame = 0;
        foreach (var run in job.Extents)
        {
            var stored = run.State.IsStored() ? (int)run.Count : 0;
            writer.AddExtent(
                stored > 0 ? new IndexExtent(run.First, run.Count, run.State, place, inFrame) : new IndexExtent(run.First, run.Count, run.State),
                job.Hashes.Slice(inFrame, stored));
            inFrame += stored;
        }

        writer.Finish(new ImageMetadata { Source = "seed", Unreadable = [30 * BlockSize, 512], CopiesHeader = true }, 512);
        writer.Commit();
        if (name is not null)
        {
            return default;
        }

        using var chain = Chain.Load(folder);
        return new ParentLink(header.ImageId, header.Sequence, chain.Get(header.Sequence).Footer.IndexDigest);
    }

    private static byte[] Content(long block, long sequence)
    {
        var content = new byte[BlockSize];
        for (var i = 0; i < content.Length; i++)
        {
            content[i] = (byte)((i * 7 % 61) ^ (i / 509) ^ block ^ (sequence << 4));
        }

        return content;
    }

    private static byte[] Read(StoreFolder folder, StoreEntry entry)
    {
        using var file = folder.OpenRead(entry.Name);
        var bytes = new byte[file.Length];
        file.ReadAt(0, bytes);
        return bytes;
    }
}
