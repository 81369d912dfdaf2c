using Tidemark.Engine;
using Tidemark.Engine.Allocation;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Io;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Keys;
using Xunit;

namespace Tidemark.Harness.Engine;

/// <summary>A chain in memory, driven below the command line: what tests of the pipelines build on.</summary>
internal sealed class ChainFixture(StoreFolder folder, int blockSize, HashAlgorithm hash, Codec codec, KeySource? key, ulong seed)
{
    private readonly SeededRandomSource random = new(seed);
    private readonly Guid chainId = new SeededRandomSource(seed ^ 0xC4A1).NewGuid();
    private readonly ulong chainSeed = seed;
    private (KeySlotTable Table, ChainKeys Keys)? keys;

    /// <summary>A fixture that continues a copy of another's chain, with image ids of its own.</summary>
    private ChainFixture(ChainFixture other, StoreFolder folder, int blockSize, HashAlgorithm hash, KeySource? key, ulong seed)
        : this(folder, blockSize, hash, other.Codec, key, seed)
    {
        chainId = other.chainId;
        chainSeed = other.chainSeed;
        keys = other.keys;
        Metadata = other.Metadata;
    }

    public StoreFolder Folder { get; set; } = folder;

    /// <summary>What the next images are compressed with.</summary>
    public Codec Codec { get; set; } = codec;

    /// <summary>Bytes of each part of the next images; 0 for one file.</summary>
    public long PartSize { get; set; }

    /// <summary>Whether parts are named by their images, as they weren't always.</summary>
    public bool NamesParts { get; set; } = true;

    /// <summary>The codec's level; null for its default.</summary>
    public int? Level { get; init; }

    /// <summary>What checking the passphrase takes.</summary>
    public Argon2Cost Cost { get; init; } = TestKeys.Cheap;

    public IoQueueOptions Queue { get; set; } = new(4, 64 << 10);

    /// <summary>What the run is timed by, which stands in the metadata.</summary>
    public Func<RunClock> Clock { get; init; } = () => new RunClock(TimeProvider.System);

    public ImageMetadata Metadata { get; init; } = new() { Source = "test" };

    public SourceIdentity Identity { get; init; } = SourceIdentity.None;

    /// <summary>What of the source needn't be read; null to read all.</summary>
    public AllocationMap? Map { get; set; }

    /// <summary>Continues a copy of the chain in another folder.</summary>
    public ChainFixture Continue(StoreFolder copy, ulong itsSeed) => new(this, copy, blockSize, hash, key, itsSeed);

    /// <summary>Loads the chain as it is now, unlocked; the caller disposes it.</summary>
    public Chain Load()
    {
        var chain = Chain.Load(Folder);
        chain.Unlock(key);
        return chain;
    }

    public BackupOutcome Backup(BlockDevice source, ImageKind kind, CancellationToken cancellation = default)
    {
        using var chain = Load();
        if (key is not null && keys is null)
        {
            keys = KeyOperations.CreateTable(chainId, key, random, Cost);
        }

        var parent = kind switch
        {
            ImageKind.Full => null,
            ImageKind.Incremental => chain.NewestWhole(),
            _ => chain.Members.Last(m => m.Image!.Header.Kind == ImageKind.Full).Image,
        };
        var imageId = random.NewGuid();
        var hashKey = new byte[BlockHasher.KeySize];
        new SeededRandomSource(chainSeed ^ 0x5EED).Fill(hashKey);
        keys?.Keys.DeriveIdentityKey(hashKey);
        using var cipher = keys?.Keys.CreateCipher(imageId);
        var header = new ImageHeader
        {
            ChainId = chainId,
            ImageId = imageId,
            Sequence = chain.NextSequence,
            Kind = kind,
            BlockSize = blockSize,
            Hash = hash,
            Codec = Codec,
            Created = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + chain.NextSequence),
            SourceBytes = source.Length,
            LogicalSectorSize = source.Geometry.LogicalSectorSize,
            PhysicalSectorSize = source.Geometry.PhysicalSectorSize,
            PartSize = PartSize,
            NamesParts = NamesParts,
            Parent = parent is null ? null : new ParentLink(parent.Header.ImageId, parent.Header.Sequence, parent.Footer.IndexDigest),
            HashKey = key is null ? hashKey : new byte[BlockHasher.KeySize],
            Identity = Identity,
            ChainName = "",
            Keys = keys?.Table,
            HasFreeBlocks = Map is not null,
        };
        var plan = new BackupPlan
        {
            Source = source,
            Folder = Folder,
            Header = header,
            Lineage = parent is null ? null : chain.Lineage(parent),
            Hasher = BlockHasher.Create(hash, hashKey),
            Cipher = cipher,
            Level = Level ?? FrameCodec.DefaultLevel(Codec),
            MaxUnreadable = long.MaxValue,
            Workers = 2,
            Queue = Queue,
            Map = Map,
            Metadata = Metadata,
        };
        return new BackupPipeline(plan, NoObserver.Instance, Clock()).Run(cancellation);
    }

    public byte[] Restore(long sequence, out List<BlockDamage> damage)
    {
        using var chain = Load();
        return Restore(chain, chain.Get(sequence), out damage);
    }

    /// <summary>Restores an image over other content of its size, writing only what differs; tells how many blocks did.</summary>
    public static byte[] RestoreDelta(Chain chain, ImageReader image, byte[] before, out long changedBlocks)
    {
        var lineage = chain.Lineage(image);
        var blockSize = image.Header.BlockSize;
        Assert.Equal(image.Header.SourceBytes, before.Length);
        var target = new MemoryDevice([.. before]);
        var hasher = chain.Hasher(image);
        using var queue = target.OpenQueue(new IoQueueOptions(4, Math.Max(64 << 10, blockSize)));
        using var pipeline = new WindowPipeline(lineage, hasher, queue, 2);
        using var scan = new SourceScan(target, hasher, blockSize, new IoQueueOptions(4, 64 << 10));
        var plan = new DeltaPlan(new Tidemark.Engine.Index.MergeCursor(lineage), queue.BufferSize / blockSize, 1);
        var delta = new DeltaPipeline(
            new Tidemark.Engine.Index.MergeCursor(lineage), plan,
            () => pipeline.Run(plan, target.WriteZeros, () => { }, "target", default), blockSize, hasher.HashBlock(new byte[blockSize]));
        scan.Run(delta, () => { }, default);
        delta.Complete();
        Assert.Empty(pipeline.Damage);
        changedBlocks = plan.Blocks;
        return target.Content.ToArray();
    }

    /// <summary>Restores what there is of an image, as restore --salvage does, over a device full of other content.</summary>
    public static byte[] Salvage(Chain chain, ImageReader image, out List<BlockDamage> damage)
    {
        var found = chain.LineageWithGaps(image);
        var blockSize = image.Header.BlockSize;
        var length = (int)image.Header.SourceBytes;
        var target = new MemoryDevice(length);
        var before = new byte[length];
        before.AsSpan().Fill(0xEE);
        target.WriteAt(0, before);
        using var queue = target.OpenQueue(new IoQueueOptions(4, Math.Max(64 << 10, blockSize)));
        using var pipeline = new WindowPipeline(found, chain.Hasher(image), queue, 1);
        var lost = new LostBlocks(found, salvage: true);
        var plan = new RestorePlan(
            Tidemark.Engine.Index.MergeCursor.WithLosses(found), blockSize, queue.BufferSize / blockSize, lost);
        pipeline.Run(plan, target.WriteZeros, () => { }, "target", default);
        damage = [.. pipeline.Damage.Concat(lost.Damage).OrderBy(d => d.FirstBlock)];
        return target.Content.ToArray();
    }

    /// <summary>Restores an image over a device full of other content.</summary>
    /// <param name="completionSeed">Shuffles the order in which writes finish.</param>
    public static byte[] Restore(Chain chain, ImageReader image, out List<BlockDamage> damage, int? completionSeed = null)
    {
        var lineage = chain.Lineage(image);
        var blockSize = image.Header.BlockSize;
        var length = (int)image.Header.SourceBytes;
        var target = new MemoryDevice(length) { CompletionSeed = completionSeed };
        var before = new byte[length];
        before.AsSpan().Fill(0xEE);
        target.WriteAt(0, before);
        using var queue = target.OpenQueue(new IoQueueOptions(4, Math.Max(64 << 10, blockSize)));
        using var pipeline = new WindowPipeline(lineage, chain.Hasher(image), queue, 2);
        var plan = new RestorePlan(new Tidemark.Engine.Index.MergeCursor(lineage), blockSize, queue.BufferSize / blockSize);
        pipeline.Run(plan, target.WriteZeros, () => { }, "target", default);
        damage = pipeline.Damage;
        return target.Content.ToArray();
    }
}
