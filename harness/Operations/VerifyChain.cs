using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Index;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Healing;
using Tidemark.Engine.Operations.Maintenance;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Repairs;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Engine;
using Xunit;

namespace Tidemark.Harness.Operations;

/// <summary>A chain in memory that tests damage and verify.</summary>
internal sealed class VerifyChain : IDisposable
{
    private readonly Dictionary<(long Sequence, int Part), string> partFiles = [];
    private static readonly ImageMetadata Told = new() { Source = "test", CopiesHeader = true };

    private readonly ChainFixture fixture;
    private readonly KeySource? key;
    private readonly long partSize;

    public VerifyChain(int blockSize = 4096, Codec codec = Codec.Zstd, HashAlgorithm hash = HashAlgorithm.Xxh128, bool encrypted = false, long part = 0, ulong seed = 1)
    {
        Folder = (MemoryStoreFolder)new MemoryStore().CreateFolder("chain");
        key = encrypted ? KeySource.FromKey(Enumerable.Repeat((byte)7, 64).ToArray()) : null;
        BlockSize = blockSize;
        partSize = part;
        fixture = new ChainFixture(Folder, blockSize, hash, codec, key, seed) { PartSize = part, Metadata = Told };
    }

    private VerifyChain(VerifyChain other, long members, ulong seed)
    {
        Folder = (MemoryStoreFolder)new MemoryStore().CreateFolder("fork");
        BlockSize = other.BlockSize;
        fixture = other.fixture.Continue(Folder, seed);
        Points.AddRange(other.Points.Take((int)members));
        for (var i = 1; i <= members; i++)
        {
            Replace(File(i), other.Bytes(File(i)));
        }
    }

    public MemoryStoreFolder Folder { get; }

    public int BlockSize { get; }

    /// <summary>The content at each point in time, the first image's first.</summary>
    public List<byte[]> Points { get; } = [];

    public void Add(byte[] content, ImageKind kind = ImageKind.Incremental)
    {
        fixture.Backup(new MemoryDevice((byte[])content.Clone()), Points.Count == 0 ? ImageKind.Full : kind);
        Points.Add((byte[])content.Clone());
    }

    /// <summary>An image of a device, whose bad sectors it can't read.</summary>
    public void Add(MemoryDevice source)
    {
        fixture.Backup(source, Points.Count == 0 ? ImageKind.Full : ImageKind.Incremental);
        Points.Add(source.Content.ToArray());
    }

    /// <summary>All files of the chain, to bring back with <see cref="Reset"/>.</summary>
    public Dictionary<string, byte[]> Files() => Folder.List().Select(e => e.Name).ToDictionary(n => n, Bytes);

    /// <summary>Makes the folder's files what they were.</summary>
    public void Reset(Dictionary<string, byte[]> files)
    {
        foreach (var name in Folder.List().Select(e => e.Name).ToList())
        {
            if (!files.TryGetValue(name, out var bytes) || !Bytes(name).AsSpan().SequenceEqual(bytes))
            {
                Folder.Delete(name);
            }
        }

        foreach (var (name, bytes) in files)
        {
            if (Folder.List().All(e => e.Name != name))
            {
                Replace(name, bytes);
            }
        }
    }

    /// <summary>Gives the chain a new key table file, of the same key.</summary>
    public void RenewKey() => ChainKey.Change(Folder, key, key!, new SeededRandomSource(77), new Argon2Cost(8, 1, 1));

    /// <summary>A copy of the chain's first images that goes on by itself, with image ids of its own.</summary>
    public VerifyChain Fork(long members, ulong seed) => new(this, members, seed);

    /// <summary>A full image and two increments; the last overwrites some of what the second has.</summary>
    public static VerifyChain OfThree(
        Random random, int size = 200_000, int blockSize = 4096, Codec codec = Codec.Zstd, HashAlgorithm hash = HashAlgorithm.Xxh128,
        bool encrypted = false, long part = 0)
    {
        var chain = new VerifyChain(blockSize, codec, hash, encrypted, part);
        var content = new byte[size];
        random.NextBytes(content.AsSpan(0, size * 3 / 4));
        chain.Add(content);
        random.NextBytes(content.AsSpan(size / 8, size / 4));
        chain.Add(content);
        random.NextBytes(content.AsSpan(size / 4, size / 16));
        content.AsSpan(size / 2, size / 16).Clear();
        chain.Add(content);
        return chain;
    }

    public VerifyResult Verify(VerifyDepth depth, long? only = null, bool keyless = false) => Tidemark.Engine.Operations.Verification.Verify.Run(
        [Folder], only, depth, null, keyless ? null : key, NoObserver.Instance, default, workers: 0);

    public HealResult Heal(byte[] source) => Heal(new MemoryDevice((byte[])source.Clone()));

    public HealResult Heal(BlockDevice source) => Tidemark.Engine.Operations.Healing.Heal.Run(
        Folder, source, "source", key, NoObserver.Instance, TimeProvider.System, new SeededRandomSource(6 + (ulong)Folder.List().Count), default,
        workers: 0);

    /// <param name="through">What stands between the repair and the chain's folder; null for nothing.</param>
    /// <param name="seed">For the repair's own number.</param>
    public RepairResult Repair(StoreFolder? through = null, ulong seed = 5) => Tidemark.Engine.Operations.Repairs.Repair.Run(
        through ?? Folder, key, NoObserver.Instance, new SeededRandomSource(seed), default, workers: 0);

    public byte[] Restore(long sequence, out List<BlockDamage> damage) => fixture.Restore(sequence, out damage);

    public KeySource? Key => key;

    public Chain Open() => Open(Folder);

    /// <summary>Opens the chain as another folder gives it.</summary>
    public Chain Open(StoreFolder folder)
    {
        var chain = Chain.Load(folder);
        chain.Unlock(key);
        return chain;
    }

    /// <summary>The runs of an image, as they are.</summary>
    public List<IndexExtent> Runs(long sequence)
    {
        using var chain = Open();
        var cursor = new ImageCursor(chain.Get(sequence), long.MaxValue);
        List<IndexExtent> runs = [];
        while (cursor.MoveNext())
        {
            runs.Add(cursor.Current);
        }

        return runs;
    }

    public ImageFooter Footer(long sequence)
    {
        using var chain = Open();
        return chain.Get(sequence).Footer;
    }

    public static string File(long sequence) => ImageNames.Part(sequence, 0);

    /// <summary>The name of a part of an image in the folder.</summary>
    public string PartFile(long sequence, int part)
    {
        if (!partFiles.TryGetValue((sequence, part), out var name))
        {
            name = Folder.List().Select(e => e.Name)
                .First(n => ImageNames.TryParse(n, out var its, out var number) && its == sequence && number == part);
            partFiles.Add((sequence, part), name);
        }

        return name;
    }

    /// <summary>The bytes of a file.</summary>
    public byte[] Bytes(string file)
    {
        var content = Folder.Content(file);
        var bytes = new byte[content.Length];
        content.Read(0, bytes);
        return bytes;
    }

    /// <summary>Flips bits of a byte at an offset of an unsplit image's payload.</summary>
    public void FlipPayload(long sequence, long offset, byte mask = 0x10) =>
        Folder.Content(File(sequence)).Flip(ImageFormat.HeaderSize + offset, mask);

    /// <summary>Overwrites a range of an image's payload with zeros, over its parts.</summary>
    public void Erase(long sequence, long offset, long length)
    {
        for (var at = offset; at < offset + length; at++)
        {
            var (part, place) = Place(at);
            Patch(PartFile(sequence, part), place, [0]);
        }
    }

    public void EraseHeader(long sequence) => Patch(File(sequence), 0, new byte[ImageFormat.HeaderSize]);

    /// <summary>Cuts an image off at an offset of its payload.</summary>
    public void Cut(long sequence, long offset)
    {
        var (part, place) = Place(offset);
        Folder.Content(PartFile(sequence, part)).Truncate(place);
        foreach (var name in Folder.List().Select(e => e.Name)
            .Where(n => ImageNames.TryParse(n, out var its, out var number) && its == sequence && number > part).ToList())
        {
            Folder.Delete(name);
        }
    }

    /// <summary>Overwrites index pages of the levels that are chosen with zeros.</summary>
    public void ErasePages(long sequence, Func<int, bool> choose)
    {
        List<PageRef> doomed = [];
        using (var chain = Open())
        {
            var image = chain.Get(sequence);
            Visit(image, image.Footer.Root!.Value, choose, doomed);
        }

        doomed.ForEach(p => Erase(sequence, p.Offset, p.Length));
    }

    private static void Visit(ImageReader image, PageRef reference, Func<int, bool> choose, List<PageRef> doomed)
    {
        var page = new byte[ImageFormat.MaxPageSize];
        Assert.Null(image.TryReadPage(reference, page, out var header));
        for (var i = 0; header.Level > 0 && i < header.Entries; i++)
        {
            PageRef.TryRead(page.AsSpan(PageHeader.Size + (i * PageRef.Size), PageRef.Size), image.PayloadLength, out var child);
            Visit(image, child, choose, doomed);
        }

        if (choose(header.Level))
        {
            doomed.Add(reference);
        }
    }

    private (int Part, long Place) Place(long offset) => partSize == 0
        ? (0, ImageFormat.HeaderSize + offset)
        : ((int)(offset / (partSize - ImageFormat.HeaderSize)), ImageFormat.HeaderSize + (offset % (partSize - ImageFormat.HeaderSize)));

    /// <summary>Overwrites bytes of a file, as an adversary would.</summary>
    public void Patch(string file, long offset, ReadOnlySpan<byte> bytes)
    {
        var content = Folder.Content(file);
        var old = new byte[bytes.Length];
        content.Read(offset, old);
        for (var i = 0; i < old.Length; i++)
        {
            content.Flip(offset + i, (byte)(old[i] ^ bytes[i]));
        }
    }

    /// <summary>Gives a file other content, or makes it.</summary>
    public void Replace(string file, ReadOnlySpan<byte> bytes)
    {
        if (Folder.List().Any(e => e.Name == file))
        {
            Folder.Delete(file);
        }

        using var writer = Folder.Create(file);
        writer.Append(bytes);
        writer.Complete();
    }

    /// <summary>The blocks of runs as byte ranges of the volume, joined where they touch.</summary>
    public List<ByteRange> Ranges(IEnumerable<IndexExtent> runs, long size)
    {
        List<ByteRange> ranges = [];
        foreach (var run in runs)
        {
            var offset = run.First * BlockSize;
            var end = Math.Min(size, run.End * BlockSize);
            if (ranges.Count > 0 && ranges[^1].Offset + ranges[^1].Length == offset)
            {
                ranges[^1] = ranges[^1] with { Length = end - ranges[^1].Offset };
            }
            else
            {
                ranges.Add(new ByteRange(offset, end - offset));
            }
        }

        return ranges;
    }

    public void Dispose() => key?.Dispose();
}
