using Tidemark.Engine.Chains;
using Tidemark.Engine.Images;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Operations.Catalogs;

/// <summary>Tells what a store, a chain or an image is, from headers, footers and metadata; reads no frame.</summary>
public static class Catalog
{
    /// <summary>The chains of a store, or the one chain whose folder is given. No key is needed.</summary>
    /// <exception cref="TidemarkException">The folder isn't there or can't be read.</exception>
    public static IReadOnlyList<ChainSummary> List(StoreLocation place)
    {
        ArgumentNullException.ThrowIfNull(place);
        List<ChainSummary> chains = [];
        List<UnreadableChain> unreadable = [];
        var alone = place.TryOpenFolder() is { } own && Chain.HasImages(own);
        foreach (var folder in ChainFolders(place, unreadable))
        {
            try
            {
                using var chain = Chain.Load(folder);
                chains.Add(Summarise(chain));
            }
            catch (TidemarkException e) when (!alone)
            {
                unreadable.Add(new UnreadableChain(folder.Name, e));
            }
        }

        chains.AddRange(unreadable.Select(Summarise));
        return [.. chains.OrderBy(c => c.Folder, StringComparer.Ordinal)];
    }

    /// <summary>One image. Without the key of an encrypted chain its metadata stays unknown.</summary>
    /// <exception cref="TidemarkException">The image isn't there or can't be read, or the key is wrong.</exception>
    public static ImageDetails Show(ImageAddress image, KeyOptions key)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(image);
        var address = image.RequireWhole();
        var keyless = key == KeyOptions.None;
        using var chain = keyless ? address.OpenLocked() : address.OpenChain(key);
        return Detail(chain, address.Find(chain));
    }

    /// <summary>The folders with images below a store, sorted by name; the folder itself if it is a chain's.</summary>
    /// <param name="place">The store, or the chain's folder.</param>
    /// <param name="unreadable">Takes the folders that can't be looked into, as those of another user.</param>
    internal static IEnumerable<StoreFolder> ChainFolders(StoreLocation place, List<UnreadableChain> unreadable)
    {
        if (place.TryOpenFolder() is { } folder && Chain.HasImages(folder))
        {
            yield return folder;
            yield break;
        }

        var store = place.Open();
        foreach (var name in store.ListFolders().Order(StringComparer.Ordinal))
        {
            var child = store.OpenFolder(name);
            var found = false;
            try
            {
                found = Chain.HasImages(child);
            }
            catch (TidemarkException e)
            {
                unreadable.Add(new UnreadableChain(child.Name, e));
            }

            if (found)
            {
                yield return child;
            }
        }
    }

    private static ChainSummary Summarise(UnreadableChain chain) => new()
    {
        Folder = chain.Folder,
        Problem = chain.Reason.Message,
        ChainId = Guid.Empty,
        Name = "",
        Identity = "unknown",
        KnownBy = "unknown",
        BlockSize = 0,
        Hash = default,
        Encrypted = false,
        StoredBytes = 0,
        Images = [],
        Broken = [],
        Restorable = [],
    };

    private static ChainSummary Summarise(Chain chain)
    {
        var tip = chain.Tip?.Header;
        return new ChainSummary
        {
            Folder = chain.Folder.Name,
            ChainId = chain.Id,
            Name = tip?.ChainName ?? "",
            Identity = tip?.Identity.ToString() ?? "unknown",
            KnownBy = tip?.Identity.ToShortString() ?? "unknown",
            BlockSize = tip?.BlockSize ?? 0,
            Hash = tip?.Hash ?? default,
            Encrypted = chain.Encrypted,
            StoredBytes = chain.Members.Sum(m => m.Files.Sum(f => f.Length)),
            Images = [.. chain.Members.Where(m => m.Image is not null).Select(m => Summarise(m.Image!))],
            Broken = [.. chain.Members.Where(m => m.Problem is not null).Select(m => new BrokenImage(m.Sequence, m.Problem!))],
            Uncommitted = chain.Uncommitted,
            Restorable = chain.RestorablePoints(),
        };
    }

    private static ImageSummary Summarise(ImageReader image)
    {
        var header = image.Header;
        var counts = image.Footer.Counts;
        return new ImageSummary
        {
            Sequence = header.Sequence,
            ImageId = header.ImageId,
            Kind = header.Kind,
            Created = header.Created,
            Parent = header.Parent?.Sequence,
            Identity = header.Identity.ToString(),
            SourceBytes = header.SourceBytes,
            ChangedBlocks = counts.ChangedBlocks,
            ChangedBytes = counts.ChangedBlocks * header.BlockSize,
            // The last block may reach beyond the volume.
            DataBytes = Math.Min(header.SourceBytes, counts.DataBlocks * header.BlockSize),
            StoredBytes = image.StoredBytes,
            IndexBytes = counts.IndexBytes,
            UnreadableBytes = counts.UnreadableBytes,
            Parts = image.Footer.Parts,
        };
    }

    private static ImageDetails Detail(Chain chain, ImageReader image)
    {
        var header = image.Header;
        var counts = image.Footer.Counts;
        var metadata = image.TryReadMetadata(out var damaged);
        var lineage = chain.TryLineage(image, out var problem);
        var member = chain.Members.First(m => m.Image == image);
        return new ImageDetails
        {
            Chain = chain.Folder.Name,
            ChainId = header.ChainId,
            Summary = Summarise(image),
            BlockSize = header.BlockSize,
            Hash = header.Hash,
            Codec = header.Codec,
            Encrypted = header.Encrypted,
            LogicalSectorSize = header.LogicalSectorSize,
            PhysicalSectorSize = header.PhysicalSectorSize,
            DataBlocks = counts.DataBlocks,
            ZeroBlocks = counts.ZeroBlocks,
            UnallocatedBlocks = counts.UnallocatedBlocks,
            UnreadableBlocks = counts.UnreadableBlocks,
            Frames = counts.Frames,
            FrameBytes = counts.FrameBytes,
            PlainBytes = counts.PlainBytes,
            IndexDigest = image.Footer.IndexDigest.ToString("x32", System.Globalization.CultureInfo.InvariantCulture),
            Files = [.. member.Files.Concat(member.Aside).Concat(member.Healings.SelectMany(h => h.Files)).Select(f => f.Name)],
            Lineage = [.. (lineage?.Layers ?? []).Select(i => i.Header.Sequence).Distinct()],
            Problem = lineage is null ? problem : null,
            MetadataProblem = damaged,
            SourcePath = metadata?.Source,
            Description = metadata?.Description,
            Machine = metadata?.Machine,
            System = metadata?.System,
            Snapshot = metadata?.Snapshot,
            SnapshotTime = metadata?.SnapshotTime,
            SnapshotId = metadata?.SnapshotId,
            Volumes = metadata?.Volumes,
            Writer = metadata?.Writer,
            Reader = metadata?.Reader,
            ReadBytes = metadata?.ReadBytes,
            Seconds = metadata?.Seconds,
            CpuSeconds = metadata?.CpuSeconds,
            Unreadable = metadata is null ? null : ByteRange.FromPairs(metadata.Unreadable),
        };
    }
}
