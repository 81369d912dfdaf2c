using System.Runtime.InteropServices;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Io;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Packing;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Snapshots;

namespace Tidemark.Engine.Operations.Backups;

/// <summary>Decides everything about one new image before a block is read: kind, parent, keys, header.</summary>
internal sealed class BackupPlanner(
    BackupRequest request, OpenedSource source, SourceMap used, Chain chain, KeySource? key, TimeProvider time, RandomSource random) : IDisposable
{
    /// <summary>
    /// Compressing has to keep up with reading, so every processor takes part; more than this many only cost memory.
    /// </summary>
    private const int MaxWorkers = 64;

    private bool atLimit;
    private ImageCipher? cipher;
    private ChainKeys? newKeys;

    public BackupPlan Plan(IRunObserver observer)
    {
        RequireReadable();
        return Plan(Parent(observer), observer);
    }

    /// <summary>The plan of a full image, after the one that was planned couldn't be made: with an id and a cipher of its own.</summary>
    public BackupPlan PlanFull() => Plan(null, null);

    private BackupPlan Plan(ImageReader? parent, IRunObserver? observer)
    {
        var settings = chain.Tip?.Header;
        RequireSettings(settings);
        chain.Unlock(key);
        var chainId = settings?.ChainId ?? random.NewGuid();
        var table = Table(chainId, settings, observer);
        var keys = chain.Keys ?? newKeys;
        var hash = settings?.Hash ?? request.Hash ?? (table is null ? HashAlgorithm.Xxh128 : HashAlgorithm.Blake3);
        var hashKey = HashKey(settings, keys);
        var imageId = random.NewGuid();
        cipher?.Dispose();
        cipher = keys?.CreateCipher(imageId);
        var header = new ImageHeader
        {
            ChainId = chainId,
            ImageId = imageId,
            Sequence = chain.NextSequence,
            Kind = Kind(parent),
            BlockSize = settings?.BlockSize ?? request.BlockSize ?? Backup.DefaultBlockSize,
            Hash = hash,
            Codec = request.Codec,
            Created = time.GetUtcNow(),
            SourceBytes = source.Device.Length,
            LogicalSectorSize = source.Device.Geometry.LogicalSectorSize,
            PhysicalSectorSize = source.Device.Geometry.PhysicalSectorSize,
            PartSize = request.SplitSize,
            Parent = parent is null
                ? null
                : new ParentLink(parent.Header.ImageId, parent.Header.Sequence, parent.Footer.IndexDigest),
            HashKey = keys is null ? hashKey : new byte[BlockHasher.KeySize],
            Identity = source.Identity,
            ChainName = settings?.ChainName ?? request.Chain ?? "",
            Keys = table,
            HasFreeBlocks = used.Map is not null,
        };
        return new BackupPlan
        {
            Source = source.Device,
            Folder = chain.Folder,
            Header = header,
            Lineage = parent is null ? null : chain.Lineage(parent),
            Hasher = BlockHasher.Create(hash, hashKey),
            Cipher = cipher,
            Level = request.Level ?? FrameCodec.DefaultLevel(request.Codec),
            Workers = Math.Min(Environment.ProcessorCount, MaxWorkers),
            Queue = BackupOptionsCheck.Queue(request),
            Map = used.Map,
            Pacer = RatePacer.For(request.MaxRate, time),
            MaxUnreadable = request.MaxUnreadable ?? Backup.DefaultMaxUnreadable,
            Metadata = new ImageMetadata
            {
                CopiesHeader = true,
                Source = request.Source.Text,
                Description = source.Description,
                Serial = source.Serial,
                Machine = Environment.MachineName,
                System = RuntimeInformation.OSDescription,
                Snapshot = source.Snapshot?.Kind ?? (request.Snapshot == SnapshotMode.Held ? "held" : "none"),
                SnapshotTime = source.Snapshot?.Created,
                SnapshotId = source.Snapshot?.Id,
                // Of what nobody knows there is nothing to tell.
                Volumes = used.Volumes.Any(volume => volume.Content is not null) ? used.Volumes : null,
                LeftOut = used.LeftOut.Count > 0 ? used.LeftOut : null,
                Writer = $"tidemark {typeof(BackupPlanner).Assembly.GetName().Version?.ToString(3)}",
            },
        };
    }

    public void Dispose()
    {
        cipher?.Dispose();
        newKeys?.Dispose();
    }

    private ImageKind Kind(ImageReader? parent) => parent is null
        ? ImageKind.Full
        : request.Kind == BackupKind.Differential || atLimit ? ImageKind.Differential : ImageKind.Incremental;

    private ImageReader? Parent(IRunObserver observer)
    {
        if (request.Kind == BackupKind.Full)
        {
            return null;
        }

        var parent = request.Kind == BackupKind.Differential ? NewestFull() : chain.NewestWhole();
        if (parent is null)
        {
            if (request.Kind != BackupKind.Auto)
            {
                throw TidemarkException.WrongUse(
                    $"{chain.Folder.Name} has no image that a {request.Kind.ToString().ToLowerInvariant()} one could be made from.",
                    Advice.AnyImage);
            }

            if (chain.Members.Count > 0)
            {
                observer.Warn($"No image of {chain.Folder.Name} is whole, so this one is full. Run verify on the chain.");
            }

            return null;
        }

        if (!parent.Header.MayExtend)
        {
            throw TidemarkException.WrongUse(
                $"Image {parent.Header.Sequence} of {chain.Folder.Name} was written by a newer Tidemark, and only that may add to the chain.");
        }

        if (!chain.MayHaveChild(parent) && NewestFull() is { } full)
        {
            atLimit = true;
            observer.Warn(
                $"Image {parent.Header.Sequence} of {chain.Folder.Name} is made of {chain.MaxLineage} images, and no point in time may be made of more: "
                + $"this image is differential instead, and follows full image {full.Header.Sequence}. A full image now and then keeps chains short.");
            parent = full;
        }
        else if (request.Kind != BackupKind.Differential && parent.Header.Sequence != chain.Members[^1].Sequence)
        {
            observer.Warn(
                $"The newest image of {chain.Folder.Name} can't be built on, so this one follows image {parent.Header.Sequence}. "
                + "Run verify on the chain to see what is wrong.");
        }

        return parent;
    }

    /// <summary>
    /// A folder of images none of which can be read has a chain, and nobody knows which: an image of a new one beside
    /// them could not be told from a stranger's.
    /// </summary>
    private void RequireReadable()
    {
        if (chain.Tip is null && chain.Members is [.., var last])
        {
            throw TidemarkException.Damaged(
                $"No image of {chain.Folder.Name} can be read, so nothing can be added to the chain ({last.Problem}) "
                + "If it was the disk's mood, run again. Otherwise verify the chain.",
                advice: Advice.OtherChain);
        }
    }

    private ImageReader? NewestFull() => chain.Members
        .LastOrDefault(m => m.Image is { Header.Kind: ImageKind.Full })?.Image;

    private void RequireSettings(ImageHeader? settings)
    {
        if (settings is null)
        {
            return;
        }

        if (request.BlockSize is { } block && block != settings.BlockSize)
        {
            throw TidemarkException.WrongUse(
                $"{chain.Folder.Name} has blocks of {settings.BlockSize} bytes, for good. Leave the size out.", Advice.OtherChain);
        }

        if (request.Hash is { } hash && hash != settings.Hash)
        {
            throw TidemarkException.WrongUse(
                $"{chain.Folder.Name} identifies blocks by {settings.Hash}, for good. Leave the hash out.", Advice.OtherChain);
        }

        if (key is not null && !settings.Encrypted)
        {
            throw TidemarkException.WrongUse(
                $"{chain.Folder.Name} isn't encrypted, and can't become so. Leave the key out.", Advice.OtherChain);
        }
    }

    private KeySlotTable? Table(Guid chainId, ImageHeader? settings, IRunObserver? observer)
    {
        if (settings is { Encrypted: true })
        {
            var selected = chain.SelectKeys();
            if (selected.IsFallback)
            {
                observer?.Warn($"The newest key slots of {chain.Folder.Name} are damaged: {selected.Findings[0].Message}");
            }

            return selected.Table;
        }

        if (settings is not null || key is null)
        {
            return null;
        }

        (var table, newKeys) = KeyOperations.CreateTable(chainId, key, random);
        return table;
    }

    private byte[] HashKey(ImageHeader? settings, ChainKeys? keys)
    {
        var hashKey = new byte[BlockHasher.KeySize];
        if (keys is not null)
        {
            keys.DeriveIdentityKey(hashKey);
        }
        else if (settings is not null)
        {
            settings.HashKey.Span.CopyTo(hashKey);
        }
        else
        {
            random.Fill(hashKey);
        }

        return hashKey;
    }
}
