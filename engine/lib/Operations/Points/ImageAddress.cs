using Tidemark.Engine.Chains;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Images;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Pipelines;

namespace Tidemark.Engine.Operations.Points;

/// <summary>
/// An image as a user names it: <c>CHAIN@SEQUENCE</c>, <c>CHAIN@latest</c>, <c>CHAIN@</c> and a time for the newest image at or
/// before it (<see cref="PointTime"/>), or <c>CHAIN</c> for its tip, where CHAIN is where a chain is; and behind it <c>#N</c> for
/// the N-th partition alone of a disk's image.
/// </summary>
public sealed class ImageAddress
{
    private ImageAddress(string text, StoreLocation chain, AddressTail tail)
    {
        Text = text;
        Location = chain;
        Sequence = tail.Sequence;
        At = tail.At;
        Partition = tail.Partition;
        NamesOne = tail != AddressTail.None;
    }

    /// <summary>What messages call it.</summary>
    public string Text { get; }

    /// <summary>Where the chain is.</summary>
    public StoreLocation Location { get; }

    /// <summary>The image's number; null for the newest, or the newest at <see cref="At"/>.</summary>
    public long? Sequence { get; }

    /// <summary>The moment at which the image was the newest; null where that isn't what was said.</summary>
    public DateTimeOffset? At { get; }

    /// <summary>The partition's number in the table; null for all of the image.</summary>
    public int? Partition { get; }

    /// <summary>Whether one image is named, or a part of it, and not its chain.</summary>
    public bool NamesOne { get; }

    /// <summary>Takes an address apart. A folder that is there is meant, whatever its name looks like.</summary>
    /// <exception cref="TidemarkException">It isn't the address of an image.</exception>
    public static ImageAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var chain = AddressTail.Split(text, path => StoreLocation.Parse(path).Exists, out var tail);
        var location = StoreLocation.Parse(chain);
        return new ImageAddress(location.Text + text[chain.Length..], location, tail);
    }

    /// <summary>The address of a chain, which its newest image stands for.</summary>
    public static ImageAddress Of(StoreLocation chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return new ImageAddress(chain.Text, chain, AddressTail.None);
    }

    /// <summary>The address of one image of a chain, or of a partition in it.</summary>
    internal static ImageAddress Of(StoreLocation chain, long? sequence, int? partition = null) =>
        new(chain.Text, chain, new AddressTail(sequence is null, sequence, null, partition));

    /// <summary>A place that is a whole chain.</summary>
    /// <exception cref="TidemarkException">The text names one image.</exception>
    public static StoreLocation ParseChain(string text)
    {
        var address = Parse(text);
        return address.NamesOne
            ? throw TidemarkException.WrongUse($"{text} names one image, and here a whole chain is meant. Give the chain's folder without @.")
            : address.Location;
    }

    public override string ToString() => Text;

    /// <summary>The same where whole images are meant.</summary>
    /// <exception cref="TidemarkException">It names a partition.</exception>
    internal ImageAddress RequireWhole() => Partition is null
        ? this
        : throw TidemarkException.WrongUse($"{Text} names a partition, and here only whole images can be given. Leave #{Partition} out.");

    /// <summary>The part of the volume that is meant, by the partition table that the image holds.</summary>
    /// <exception cref="TidemarkException">There is no such partition, or the image's first blocks are damaged.</exception>
    internal ByteRange View(Lineage lineage, BlockHasher hasher) => Partition is { } number
        ? PartitionView.Find(lineage, hasher, number)
        : new ByteRange(0, lineage.Header.SourceBytes);

    /// <summary>What is compared by hashes is compared by blocks, so a part of a volume has to begin and end at one.</summary>
    /// <exception cref="TidemarkException">The view doesn't.</exception>
    internal void RequireWholeBlocks(ByteRange view, int blockSize, string instead)
    {
        if (Partition is { } number && (view.Offset % blockSize != 0 || view.Length % blockSize != 0))
        {
            throw TidemarkException.WrongUse(
                $"Partition {number} begins or ends within a block of the chain, so that nothing can be compared with it. {instead}");
        }
    }

    /// <summary>Opens the chain and unlocks it where it is encrypted.</summary>
    /// <exception cref="TidemarkException">The folder isn't there, holds no images, or the key is missing or wrong.</exception>
    internal Chain OpenChain(KeyOptions key)
    {
        var chain = OpenLocked();
        try
        {
            if (!chain.Encrypted && key != KeyOptions.None)
            {
                // Whoever gives a key expects content that somebody with the key wrote.
                throw TidemarkException.WrongUse(
                    $"{Location} isn't encrypted. If it should be, its images were exchanged: look at another copy. Else leave the key out.");
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
    internal Chain OpenLocked()
    {
        var chain = Chain.Load(Location.OpenFolder());
        if (chain.Members.Count == 0)
        {
            chain.Dispose();
            if (chain.Uncommitted.Count > 0)
            {
                throw TidemarkException.WrongUse(
                    $"{Location} holds no image yet: a run is writing image {chain.Uncommitted[0]}, or died before that was committed.");
            }

            throw TidemarkException.WrongUse(
                $"{Location} holds no images. Give a chain's folder; 'tidemark list STORE' shows those of a store.");
        }

        return chain;
    }

    /// <summary>The image in its chain.</summary>
    internal ImageReader Find(Chain chain) => chain.Get(SequenceIn(chain));

    /// <inheritdoc cref="Find(Chain)"/>
    /// <param name="warn">Told where it isn't certain that this is the newest.</param>
    internal ImageReader Find(Chain chain, Action<string> warn)
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
    internal long SequenceIn(Chain chain) =>
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
