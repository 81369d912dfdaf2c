using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Stores.Layers;

namespace Tidemark.Engine.Chains;

/// <summary>
/// The images in one folder, as they are now: which can be read, how they are linked, and which points in time are
/// whole. Nothing but the folder's content is consulted.
/// </summary>
internal sealed class Chain : IDisposable
{
    private readonly List<ChainMember> members;
    private readonly Dictionary<Guid, ImageReader> byId = [];
    private readonly Dictionary<ImageReader, ImageReader[]> healings = [];
    private ChainKeys? keys;
    private IDisposable? own;

    private Chain(StoreFolder folder, List<ChainMember> members, Guid id, IReadOnlyList<PartSet> uncommitted, int maxLineage)
    {
        Folder = folder;
        UncommittedParts = uncommitted;
        MaxLineage = maxLineage;
        this.members = members;
        Id = id;
        foreach (var member in members)
        {
            if (member.Image is { } image)
            {
                byId.TryAdd(image.Header.ImageId, image);
            }
        }

        ListHealings();
    }

    public StoreFolder Folder { get; }

    /// <summary>The id that its images share; empty where no image can be read.</summary>
    public Guid Id { get; }

    /// <summary>All images, readable or not, by sequence.</summary>
    public IReadOnlyList<ChainMember> Members => members;

    /// <summary>Parts of images that were never committed, or aren't yet; they aren't there for anybody.</summary>
    public IReadOnlyList<PartSet> UncommittedParts { get; }

    /// <summary>The numbers of these images, as far as no image has them.</summary>
    public IReadOnlyList<long> Uncommitted =>
        [.. UncommittedParts.Select(p => p.Sequence).Distinct().Where(s => !members.Exists(m => m.Sequence == s))];

    /// <summary>The numbers of images of which parts are there and no head, in order: never committed, or their heads are lost.</summary>
    public IReadOnlyList<long> Headless => [.. members.Where(m => !m.HasHead).Select(m => m.Sequence).Union(Uncommitted).Order()];

    /// <summary>Images that one point in time may be made of.</summary>
    public int MaxLineage { get; }

    /// <summary>The newest readable image; null in a chain without one.</summary>
    public ImageReader? Tip => members.FindLast(m => m.Image is not null)?.Image;

    /// <summary>The number the next image gets: one more than the highest there ever was, as far as the folder tells.</summary>
    /// <exception cref="TidemarkException">A file is called like the last image that there can be.</exception>
    public long NextSequence => members switch
    {
        [] => 1,
        [.., { Sequence: < long.MaxValue } last] => last.Sequence + 1,
        [.., var last] => throw TidemarkException.Damaged(
            $"{last.Files[0].Name} in {Folder.Name} has the highest number there can be, so no image can follow. Take the file away if no backup made it."),
    };

    public bool Encrypted => keys is not null || (Tip?.Header.Encrypted ?? false);

    /// <summary>The chain's keys once unlocked.</summary>
    public ChainKeys? Keys => keys;

    /// <summary>
    /// Reads the headers and footers of a folder's images. Damage to one becomes that member's problem, not an exception.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="maxLineage">Images that one point in time may be made of; less only in tests.</param>
    public static Chain Load(StoreFolder folder, int maxLineage = ImageFormat.MaxLineage)
    {
        folder = StoreLayers.InFrontOf(folder, out var own);
        try
        {
            return Load(folder, own, maxLineage);
        }
        catch
        {
            own?.Dispose();
            throw;
        }
    }

    private static Chain Load(StoreFolder folder, IDisposable? own, int maxLineage)
    {
        var found = ImageFiles.Read(folder);
        var opened = Open(folder, found.Images);
        var uncommitted = found.Uncommitted.ToList();
        foreach (var set in found.Uncommitted.Where(set => IsParent(opened.Select(o => o.Member), set)))
        {
            // Something was made from it, so it was committed, whatever it looks like now.
            var group = ImageFiles.Group(folder, set);
            uncommitted.Remove(set);
            opened.Insert(
                opened.TakeWhile(o => o.Member.Sequence < set.Sequence).Count(), (ChainMember.Open(folder, group), group.Healings));
        }

        var members = opened.ConvertAll(o => o.Member);
        var id = members
            .Where(m => m.Image is not null)
            .GroupBy(m => m.Image!.Header.ChainId)
            .OrderByDescending(g => g.Count())
            .ThenBy(g => g.Min(m => m.Sequence))
            .FirstOrDefault()?.Key ?? Guid.Empty;
        var encrypted = members.Exists(m => m.Image is { Header.Encrypted: true } image && image.Header.ChainId == id);
        for (var i = 0; i < members.Count; i++)
        {
            if (members[i].Image is { } image && Stranger(image, id, encrypted) is { } problem)
            {
                members[i] = members[i].Reject(problem);
            }
        }

        for (var i = 0; i < members.Count; i++)
        {
            if (members[i].Image is not null && opened[i].Healings.Count > 0)
            {
                members[i].OpenHealings(folder, opened[i].Healings);
            }
        }

        return new Chain(folder, members, id, uncommitted, maxLineage) { own = own };
    }

    /// <summary>Opens images, as many at once as the store likes transfers in flight.</summary>
    private static List<(ChainMember Member, IReadOnlyList<StoreEntry> Healings)> Open(
        StoreFolder folder, IReadOnlyList<ImageFiles.ImageGroup> groups)
    {
        var members = new ChainMember[groups.Count];
        var atOnce = folder.Traits.Concurrency;
        if (atOnce == 1)
        {
            for (var i = 0; i < members.Length; i++)
            {
                members[i] = ChainMember.Open(folder, groups[i]);
            }
        }
        else
        {
            Parallel.For(0, members.Length, new ParallelOptions { MaxDegreeOfParallelism = atOnce }, i => members[i] = ChainMember.Open(folder, groups[i]));
        }

        return [.. members.Select((member, i) => (member, groups[i].Healings))];
    }

    /// <summary>Ends reads of a store that may take long when the run that uses the chain is cancelled.</summary>
    public CancellationToken Cancellation
    {
        set => members.ForEach(m => m.SetCancellation(value));
    }

    private static bool IsParent(IEnumerable<ChainMember> members, PartSet set) => !members.Any(m => m.Sequence == set.Sequence)
        && members.Any(m => m.Image?.Header.Parent is { } link && link.Sequence == set.Sequence
            && (set.Image == default || set.Image == link.ImageId));

    /// <summary>
    /// Why an image isn't of the chain; null if it may be. An image in the clear among encrypted ones is forged: taken for
    /// the tip, it would be restored without a key.
    /// </summary>
    private static string? Stranger(ImageReader image, Guid chainId, bool encrypted)
    {
        if (image.Header.ChainId != chainId)
        {
            return $"{image.Name} belongs to another chain ({image.Header.ChainId}); move it to a folder of its own.";
        }

        return encrypted && !image.Header.Encrypted
            ? $"{image.Name} isn't encrypted although its chain is: somebody put it there."
            : null;
    }

    /// <summary>Whether a folder holds anything that looks like an image, or like one that is being written.</summary>
    public static bool IsChain(StoreFolder folder) => ImageFiles.Any(folder.List());

    /// <summary>Whether a folder holds anything that looks like an image and isn't known to be uncommitted.</summary>
    public static bool HasImages(StoreFolder folder)
    {
        var entries = folder.List();
        return entries.Any(e => ImageNames.TryParse(e.Name, out _, out var part) && part == 0)
            || (ImageFiles.Any(entries) && ImageFiles.Read(folder).Images.Count > 0);
    }

    /// <summary>
    /// Opens an encrypted chain; does nothing for one that isn't. An image that doesn't authenticate with the chain's key
    /// becomes its member's problem, as other damage does.
    /// </summary>
    /// <exception cref="TidemarkException">The key is missing or wrong: <see cref="TidemarkError.Key"/>.</exception>
    public void Unlock(KeySource? source)
    {
        if (!Encrypted || keys is not null)
        {
            return;
        }

        var table = SelectKeys().Table
            ?? throw TidemarkException.Damaged($"No key slots of {Folder.Name} can be read, so nobody can open it.");
        keys = KeyOperations.Unlock(table, source, Folder.Name);
        for (var i = 0; i < members.Count; i++)
        {
            if (members[i].Image is { Header.Encrypted: true } image && image.TryUnlock(keys) is { } problem)
            {
                if (byId.GetValueOrDefault(image.Header.ImageId) == image)
                {
                    byId.Remove(image.Header.ImageId);
                }

                members[i] = members[i].Reject(problem);
            }

            members[i].UnlockHealings(keys);
        }

        ListHealings();
    }

    /// <summary>The key slots that count now: the highest generation in headers and key files.</summary>
    public KeyTableSelection SelectKeys() => KeyTableSelection.Select(
        Folder, Id, byId.Values.Select(i => i.Header.Keys).OfType<KeySlotTable>());

    /// <summary>The identity hash of an image, with the chain's key for it; an encrypted chain is unlocked before.</summary>
    public BlockHasher Hasher(ImageReader image)
    {
        Span<byte> key = stackalloc byte[BlockHasher.KeySize];
        image.Header.HashKey.Span.CopyTo(key);
        keys?.DeriveIdentityKey(key);
        return BlockHasher.Create(image.Header.Hash, key);
    }

    /// <summary>The image with a number.</summary>
    /// <exception cref="TidemarkException">There is none, or it can't be read.</exception>
    public ImageReader Get(long sequence)
    {
        var member = members.Find(m => m.Sequence == sequence)
            ?? throw TidemarkException.WrongUse($"{Folder.Name} has no image {sequence}; it has {Describe()}.");
        return member.Image ?? throw TidemarkException.Damaged(
            $"Image {sequence} can't be read: {member.Problem} tidemark repair may bring it back.");
    }

    /// <summary>The image and all it descends from, newest first, down to a full image.</summary>
    /// <exception cref="TidemarkException">A member is missing or isn't the one a child was made from; it is named.</exception>
    public Lineage Lineage(ImageReader image)
    {
        if (TryLineage(image, out var problem) is { } lineage)
        {
            return lineage;
        }

        var whole = RestorablePoints();
        throw TidemarkException.Damaged(
            $"Image {image.Header.Sequence} of {Folder.Name} can't be restored: {problem} "
            + (whole.Count == 0 ? "No image of the chain can be restored." : $"Still restorable: {string.Join(", ", whole)}."),
            advice: Advice.Salvage);
    }

    /// <summary>Null and why, if the image can't be restored.</summary>
    public Lineage? TryLineage(ImageReader image, out string problem)
    {
        var found = LineageWithGaps(image);
        problem = found.Problem;
        return found.IsCutOff ? null : found;
    }

    /// <summary>The image and its ancestors down to a full image, or to the first that isn't there as it should be.</summary>
    public Lineage LineageWithGaps(ImageReader image)
    {
        List<(ImageReader Image, LayerRole Role)> layers = [.. Itself(image)];
        var newest = image;
        var count = 1;
        while (newest.Header.Parent is { } link)
        {
            var child = newest.Header;
            if (!byId.TryGetValue(link.ImageId, out var parent))
            {
                return CutOff(link, Missing(child, link));
            }

            if (parent.Header.Sequence != link.Sequence || parent.Footer.IndexDigest != link.IndexDigest)
            {
                return CutOff(link, $"image {link.Sequence} ({parent.Name}) isn't as it was when image {child.Sequence} was made from it.");
            }

            if (parent.Header.BlockSize != child.BlockSize || parent.Header.Hash != child.Hash
                || parent.Header.Encrypted != child.Encrypted || !parent.Header.HashKey.Span.SequenceEqual(child.HashKey.Span))
            {
                return CutOff(link, $"images {link.Sequence} and {child.Sequence} differ in block size, hash or encryption, so one of them is forged.");
            }

            // Healing images don't count: healing a point must never take it, or another one, away.
            if (++count > MaxLineage)
            {
                return CutOff(link, $"it is made of more than {MaxLineage} images. Points from before can be restored, and the next backup builds on them.");
            }

            // Sequences fall strictly from child to parent (a header says so), so this can't loop.
            layers.AddRange(Itself(parent));
            newest = parent;
        }

        return new Lineage(image, layers);

        Lineage CutOff(in ParentLink missing, string problem) => new(image, layers, missing.Sequence, problem);
    }

    /// <summary>An image without its ancestors: its healing images and itself.</summary>
    public Lineage Alone(ImageReader image) => new(image, [.. Itself(image)]);

    private IEnumerable<(ImageReader Image, LayerRole Role)> Itself(ImageReader image) =>
        [.. Healings(image).Select(h => (h, LayerRole.Healing)), (image, LayerRole.Image)];

    /// <summary>Whether a child of an image could be restored, as far as the number of images it would be made of goes.</summary>
    public bool MayHaveChild(ImageReader image) =>
        TryLineage(image, out _) is { } lineage && lineage.Layers.Count(i => i.Header.Kind != ImageKind.Healing) < MaxLineage;

    /// <summary>
    /// The images that heal an image, newest first. In a lineage they stand right before it: what was damaged in it comes
    /// from them, and whatever is newer still wins.
    /// </summary>
    public IReadOnlyList<ImageReader> Healings(ImageReader image) => healings.GetValueOrDefault(image) ?? [];

    /// <summary>The image that another was made from, if it is there; null for a full image too.</summary>
    public ImageReader? Parent(ImageReader image) => image.Header.Parent is { } link ? byId.GetValueOrDefault(link.ImageId) : null;

    /// <summary>The sequences of all images whose lineage is whole.</summary>
    public IReadOnlyList<long> RestorablePoints() =>
        [.. byId.Values.Where(i => TryLineage(i, out _) is not null).Select(i => i.Header.Sequence).Order()];

    /// <summary>The newest image that a child can be made from: the tip, or the newest whose lineage is whole.</summary>
    public ImageReader? NewestWhole() =>
        members.FindLast(m => m.Image is { } image && TryLineage(image, out _) is not null)?.Image;

    private void ListHealings()
    {
        healings.Clear();
        foreach (var member in members)
        {
            if (member.Image is { } image && member.Healings.Any(h => h.Image is not null))
            {
                healings.Add(image, [.. member.Healings.Select(h => h.Image).OfType<ImageReader>()]);
            }
        }
    }

    public void Dispose()
    {
        members.ForEach(m => m.Dispose());
        keys?.Dispose();
        own?.Dispose();
    }

    private string Missing(ImageHeader child, ParentLink link)
    {
        var other = members.Find(m => m.Sequence == link.Sequence);
        return other switch
        {
            null => $"image {link.Sequence}, which image {child.Sequence} was made from, is missing "
                + $"({ImageNames.Part(link.Sequence, 0)}, id {link.ImageId}).",
            { Image: null } => $"image {link.Sequence}, which image {child.Sequence} was made from, can't be read: {other.Problem}",
            _ => $"image {link.Sequence} is there, but it isn't the one that image {child.Sequence} was made from (id {link.ImageId}).",
        };
    }

    private string Describe() => members.Count switch
    {
        0 => "no images",
        1 => $"image {members[0].Sequence}",
        _ => $"images {members[0].Sequence} to {members[^1].Sequence}",
    };
}
