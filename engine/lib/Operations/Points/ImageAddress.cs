using System.Globalization;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Pipelines;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Operations.Points;

/// <summary>
/// How the command line names an image: <c>CHAIN@SEQUENCE</c>, <c>CHAIN@latest</c>, <c>CHAIN@</c> and a time for the newest
/// image at or before it (<see cref="PointTime"/>), or <c>CHAIN</c> for its tip, where CHAIN is the path of a chain's folder;
/// and behind it <c>#N</c> for the N-th partition alone of a disk's image.
/// </summary>
internal readonly record struct ImageAddress(string ChainPath, long? Sequence, int? Partition = null, DateTimeOffset? At = null)
{
    private const string Latest = "latest";

    /// <summary>Takes an address apart. A folder that is there is meant, whatever its name looks like.</summary>
    public static ImageAddress Parse(string text) => Parse(text, Directory.Exists);

    /// <summary>Whether a name would be taken for an image or a partition of another chain behind a store's path.</summary>
    public static bool LooksLikeOne(string name) => Parse(name, _ => false).ChainPath != name;

    private static ImageAddress Parse(string text, Func<string, bool> isFolder)
    {
        if (isFolder(text))
        {
            return new ImageAddress(text, null);
        }

        int? partition = null;
        var hash = text.LastIndexOf('#');
        if (hash > 0 && int.TryParse(text.AsSpan(hash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
        {
            partition = number;
            text = text[..hash];
            if (isFolder(text))
            {
                return new ImageAddress(text, null, partition);
            }
        }

        var at = text.LastIndexOf('@');
        if (at > 0)
        {
            var tail = text.AsSpan(at + 1);
            if (tail.Equals(Latest, StringComparison.OrdinalIgnoreCase))
            {
                return new ImageAddress(text[..at], null, partition);
            }

            if (long.TryParse(tail, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) && sequence > 0)
            {
                return new ImageAddress(text[..at], sequence, partition);
            }

            if (PointTime.TryParse(tail, TimeProvider.System) is { } moment)
            {
                return new ImageAddress(text[..at], null, partition, moment);
            }
        }

        return new ImageAddress(text, null, partition);
    }

    /// <summary>An address where whole images are meant.</summary>
    /// <exception cref="TidemarkException">It names a partition.</exception>
    public static ImageAddress ParseWhole(string text)
    {
        var address = Parse(text);
        return address.Partition is null
            ? address
            : throw TidemarkException.WrongUse($"{text} names a partition, and here only whole images can be given. Leave #{address.Partition} out.");
    }

    /// <summary>Whether a text names one image, or a part of it, and not its chain.</summary>
    public static bool NamesOne(string text) => Parse(text).ChainPath != text;

    /// <summary>The part of the volume that is meant, by the partition table that the image holds.</summary>
    /// <exception cref="TidemarkException">There is no such partition, or the image's first blocks are damaged.</exception>
    public ByteRange View(Lineage lineage, BlockHasher hasher) => Partition is { } number
        ? PartitionView.Find(lineage, hasher, number)
        : new ByteRange(0, lineage.Header.SourceBytes);

    /// <summary>What is compared by hashes is compared by blocks, so a part of a volume has to begin and end at one.</summary>
    /// <exception cref="TidemarkException">The view doesn't.</exception>
    public void RequireWholeBlocks(ByteRange view, int blockSize, string instead)
    {
        if (Partition is { } number && (view.Offset % blockSize != 0 || view.Length % blockSize != 0))
        {
            throw TidemarkException.WrongUse(
                $"Partition {number} begins or ends within a block of the chain, so that nothing can be compared with it. {instead}");
        }
    }

    /// <summary>Opens the chain and unlocks it where it is encrypted.</summary>
    /// <exception cref="TidemarkException">The folder isn't there, holds no images, or the key is missing or wrong.</exception>
    public Chain OpenChain(KeyOptions key)
    {
        var chain = OpenLocked();
        try
        {
            if (!chain.Encrypted && key != KeyOptions.None)
            {
                // Whoever gives a key expects content that somebody with the key wrote.
                throw TidemarkException.WrongUse(
                    $"{ChainPath} isn't encrypted. If it should be, its images were exchanged: look at another copy. Else leave the key out.");
            }

            if (chain.Encrypted)
            {
                using var source = key.Open();
                chain.Unlock(source);
            }

            return chain;
        }
        catch
        {
            chain.Dispose();
            throw;
        }
    }

    /// <summary>Opens the chain without its key: headers, footers and stored checksums can be read.</summary>
    public Chain OpenLocked()
    {
        var folder = LocalStoreFolder.Open(ChainPath);
        var chain = Chain.Load(folder);
        if (chain.Members.Count == 0)
        {
            chain.Dispose();
            if (chain.Uncommitted.Count > 0)
            {
                throw TidemarkException.WrongUse(
                    $"{ChainPath} holds no image yet: a run is writing image {chain.Uncommitted[0]}, or died before that was committed.");
            }

            throw TidemarkException.WrongUse(
                $"{ChainPath} holds no images. Give a chain's folder; 'tidemark list STORE' shows those of a store.");
        }

        return chain;
    }

    /// <summary>The image in its chain.</summary>
    public ImageReader Find(Chain chain) => chain.Get(SequenceIn(chain));

    /// <inheritdoc cref="Find(Chain)"/>
    /// <param name="warn">Told where it isn't certain that this is the newest.</param>
    public ImageReader Find(Chain chain, Action<string> warn)
    {
        var sequence = SequenceIn(chain);
        if (Doubt(chain, sequence) is { } doubt)
        {
            warn(doubt);
        }

        return chain.Get(sequence);
    }

    /// <summary>The number of the image in its chain: the one that was given, the newest at or before a time, or the tip's.</summary>
    /// <exception cref="TidemarkException">No image is that old, or which one it was can't be told.</exception>
    public long SequenceIn(Chain chain) =>
        // The newest member is meant even where it is damaged: taking an older one silently would restore the wrong day.
        // Parts without a head are no image: as long as one is written, or after its run died, the newest is the one before.
        Sequence ?? (At is { } moment ? NewestAt(chain, moment)
            : (chain.Members.LastOrDefault(member => member.HasHead) ?? chain.Members[^1]).Sequence);

    /// <summary>
    /// What to tell where parts without a head lie about that are newer than the image that was found without a number; null
    /// where none do.
    /// </summary>
    private string? Doubt(Chain chain, long found) => Sequence is null && chain.Headless is [.., var newer] && newer > found
        ? $"Image {newer} of {chain.Folder.Name} was never committed, or its head is lost ('tidemark repair' brings a lost head back): "
            + $"image {found} is taken for the newest."
        : null;

    private static long NewestAt(Chain chain, DateTimeOffset moment)
    {
        var known = chain.Members.Where(member => member.Image is not null).ToArray();
        var found = known.Where(member => member.Image!.Header.Created <= moment)
            .OrderBy(member => member.Image!.Header.Created).ThenBy(member => member.Sequence).LastOrDefault();
        var next = known.FirstOrDefault(member => member.Sequence > (found?.Sequence ?? 0));
        // When an image that can't be read was made is known only by its neighbours.
        if (chain.Members.FirstOrDefault(member => member.Image is null && member.HasHead
            && member.Sequence > (found?.Sequence ?? 0) && member.Sequence < (next?.Sequence ?? long.MaxValue)) is { } unknown)
        {
            throw TidemarkException.Damaged(
                $"Image {unknown.Sequence} of {chain.Folder.Name} can't be read, so whether it is the newest at {LocalTime.Text(moment)} "
                + "can't be told. Repair the chain, or name an image by its number.");
        }

        return found?.Sequence ?? throw TidemarkException.WrongUse(
            $"{chain.Folder.Name} has no image from {LocalTime.Text(moment)} or before"
            + $"{(known.Length > 0 ? $": its oldest is of {LocalTime.Text(known.Min(member => member.Image!.Header.Created))}" : "")}. "
            + "'tidemark list' shows the times.");
    }
}
