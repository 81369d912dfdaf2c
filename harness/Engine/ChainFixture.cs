using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Io;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Volumes;

namespace Tidemark.Harness.Engine;

/// <summary>A chain in memory, driven below the command line: what tests of the pipelines build on.</summary>
internal sealed class ChainFixture(StoreFolder folder, int blockSize, HashAlgorithm hash, Codec codec, KeySource? key, ulong seed)
{
    private readonly SeededRandomSource random = new(seed);
    private readonly Guid chainId = new SeededRandomSource(seed ^ 0xC4A1).NewGuid();
    private (KeySlotTable Table, ChainKeys Keys)? keys;

    public StoreFolder Folder { get; set; } = folder;

    public long PartSize { get; set; }

    public BackupOutcome Backup(BlockDevice source, ImageKind kind, CancellationToken cancellation = default)
    {
        using var chain = Chain.Load(Folder);
        chain.Unlock(key);
        if (key is not null && keys is null)
        {
            keys = KeyOperations.CreateTable(chainId, key, random);
        }

        var parent = kind switch
        {
            ImageKind.Full => null,
            ImageKind.Incremental => chain.NewestWhole(),
            _ => chain.Members.Last(m => m.Image!.Header.Kind == ImageKind.Full).Image,
        };
        var imageId = random.NewGuid();
        var hashKey = new byte[BlockHasher.KeySize];
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
            Codec = codec,
            Created = DateTimeOffset.FromUnixTimeSeconds(1_700_000_000 + chain.NextSequence),
            SourceBytes = source.Length,
            LogicalSectorSize = 512,
            PhysicalSectorSize = 512,
            PartSize = PartSize,
            Parent = parent is null ? null : new ParentLink(parent.Header.ImageId, parent.Header.Sequence, parent.Footer.IndexDigest),
            HashKey = key is null ? hashKey : new byte[BlockHasher.KeySize],
            Identity = SourceIdentity.None,
            ChainName = "",
            Keys = keys?.Table,
        };
        var plan = new BackupPlan
        {
            Source = source,
            Folder = Folder,
            Header = header,
            Lineage = parent is null ? [] : chain.Lineage(parent),
            Hasher = BlockHasher.Create(hash, hashKey),
            Cipher = cipher,
            Level = FrameCodec.DefaultLevel(codec),
            Workers = 2,
            Queue = new IoQueueOptions(4, 64 << 10),
            Metadata = new ImageMetadata { Source = "test" },
        };
        return new BackupPipeline(plan, NoObserver.Instance, new RunClock(TimeProvider.System)).Run(cancellation);
    }

    public byte[] Restore(long sequence, out List<BlockDamage> damage)
    {
        using var chain = Chain.Load(Folder);
        chain.Unlock(key);
        var image = chain.Get(sequence);
        var lineage = chain.Lineage(image);
        var hashKey = image.Header.HashKey.ToArray();
        chain.Keys?.DeriveIdentityKey(hashKey);
        var target = new MemoryDevice((int)image.Header.SourceBytes);
        target.WriteAt(0, Enumerable.Repeat((byte)0xEE, (int)image.Header.SourceBytes).ToArray());
        using var queue = target.OpenQueue(new IoQueueOptions(4, Math.Max(64 << 10, blockSize)));
        using var pipeline = new WindowPipeline(lineage, BlockHasher.Create(hash, hashKey), queue, 2);
        var plan = new RestorePlan(new Tidemark.Engine.Index.MergeCursor(lineage), blockSize, queue.BufferSize / blockSize);
        pipeline.Run(plan, target.WriteZeros, () => { }, "target", default);
        damage = pipeline.Damage;
        return target.Content.ToArray();
    }
}
