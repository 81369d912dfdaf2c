using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Chains;

/// <summary>The files of one image in a chain's folder, and the image itself where they can be read as one.</summary>
internal sealed class ChainMember : IDisposable
{
    private ChainMember(long sequence, IReadOnlyList<StoreEntry> files, ImageReader? image, string? problem)
    {
        Sequence = sequence;
        Files = files;
        Image = image;
        Problem = problem;
    }

    /// <summary>The number in the file's name, which the header confirms where it can be read.</summary>
    public long Sequence { get; }

    /// <summary>The parts that are there, the first one first.</summary>
    public IReadOnlyList<StoreEntry> Files { get; }

    /// <summary>Null if <see cref="Problem"/> says why it can't be read.</summary>
    public ImageReader? Image { get; }

    public string? Problem { get; private set; }

    /// <summary>
    /// Whether it has its head. Parts without one are those of an image that was never committed, or whose head is lost: no
    /// reader takes them for an image.
    /// </summary>
    public bool HasHead { get; private init; } = true;

    /// <summary>Repair files and healing images of it, as far as they count.</summary>
    public IReadOnlyList<StoreEntry> Aside { get; private init; } = [];

    /// <summary>Repair files that can't be used, and why.</summary>
    public IReadOnlyList<(string File, string Problem)> BadRepairs { get; private init; } = [];

    public static ChainMember Open(StoreFolder folder, ImageFiles.ImageGroup group)
    {
        List<(string File, string Problem)> bad = [];
        foreach (var repair in group.Repairs)
        {
            try
            {
                return OpenRepaired(folder, group, repair, bad);
            }
            catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
            {
                bad.Add((repair.Name, e.Message));
            }
        }

        return OpenPlain(folder, group, bad);
    }

    private static ChainMember OpenRepaired(
        StoreFolder folder, ImageFiles.ImageGroup group, in StoreEntry entry, List<(string File, string Problem)> bad)
    {
        var name = entry.Name;
        var image = ImageReader.OpenRepaired(
            folder, group.Sequence, ByPart(group.Files), RepairFile.Read(folder, name), () => folder.OpenRead(name));
        if (image.Header.Sequence != group.Sequence)
        {
            image.Dispose();
            throw TidemarkException.Damaged($"{entry.Name} is the repair of another image than {group.Sequence}. Take it away.");
        }

        return new ChainMember(group.Sequence, group.Files, image, null) { Aside = [entry], BadRepairs = bad };
    }

    private static ChainMember OpenPlain(StoreFolder folder, ImageFiles.ImageGroup group, List<(string File, string Problem)> bad)
    {
        var (sequence, files) = (group.Sequence, group.Files);
        if (group.Problem is { } problem)
        {
            return new ChainMember(sequence, files, null, problem) { BadRepairs = bad, HasHead = group.HasHead };
        }

        try
        {
            var image = ImageReader.Open(folder, [.. files.Select(f => f.Name)]);
            return image.Header.Sequence == sequence && image.Header.Kind != ImageKind.Healing
                ? new ChainMember(sequence, files, image, null) { BadRepairs = bad }
                : new ChainMember(sequence, files, null, Renamed(image)) { BadRepairs = bad };
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            return new ChainMember(sequence, files, null, e.Message) { BadRepairs = bad };
        }
    }

    /// <summary>The names of an image's files by the number of the part.</summary>
    public static Dictionary<int, string> ByPart(IReadOnlyList<StoreEntry> files) => files.ToDictionary(
        f => ImageNames.TryParse(f.Name, out _, out var part) ? part : 0, f => f.Name);

    /// <summary>Healing images of it, the newest first, those that can't be used with their problem.</summary>
    public IReadOnlyList<ChainMember> Healings { get; private set; } = [];

    /// <summary>Opens the healing images of an image that can be read.</summary>
    public void OpenHealings(StoreFolder folder, IReadOnlyList<StoreEntry> entries)
    {
        Invariant.Holds(Image is not null);
        Healings = [.. entries.Select(e => OpenHealing(folder, e, Image))];
    }

    /// <summary>Unlocks the healing images of an encrypted chain.</summary>
    public void UnlockHealings(ChainKeys keys) =>
        Healings = [.. Healings.Select(h => h.Image?.TryUnlock(keys) is { } problem ? h.Reject(problem) : h)];

    private static ChainMember OpenHealing(StoreFolder folder, StoreEntry entry, ImageReader healed)
    {
        ImageReader? image = null;
        try
        {
            image = ImageReader.Open(folder, [entry.Name]);
            var (its, header) = (image.Header, healed.Header);
            if (its.Kind == ImageKind.Healing && its.ChainId == header.ChainId && its.SourceBytes == header.SourceBytes
                && its.Parent is { } link && link.ImageId == header.ImageId && link.Sequence == header.Sequence
                && link.IndexDigest == healed.Footer.IndexDigest && its.BlockSize == header.BlockSize && its.Hash == header.Hash
                && its.Encrypted == header.Encrypted && its.HashKey.Span.SequenceEqual(header.HashKey.Span))
            {
                return new ChainMember(header.Sequence, [entry], image, null);
            }

            image.Dispose();
            return new ChainMember(
                header.Sequence, [entry], null, $"{entry.Name} heals another image than {header.Sequence} as it is now. Run heal again, or take it away.");
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            return new ChainMember(healed.Header.Sequence, [entry], null, e.Message);
        }
    }

    /// <summary>Sets an image aside that doesn't belong to the chain of its folder.</summary>
    public ChainMember Reject(string problem)
    {
        Dispose();
        return new ChainMember(Sequence, Files, null, problem) { Aside = Aside, BadRepairs = BadRepairs, HasHead = HasHead };
    }

    /// <summary>Ends reads of a store that may take long.</summary>
    public void SetCancellation(CancellationToken cancellation)
    {
        if (Image is not null)
        {
            Image.Cancellation = cancellation;
        }

        foreach (var healing in Healings)
        {
            healing.SetCancellation(cancellation);
        }
    }

    public void Dispose()
    {
        Image?.Dispose();
        foreach (var healing in Healings)
        {
            healing.Dispose();
        }
    }

    private static string Renamed(ImageReader image)
    {
        image.Dispose();
        return $"{image.Name} says that it is image {image.Header.Sequence}: it was renamed or copied. "
            + $"Give it its name back ({ImageNames.Part(image.Header.Sequence, 0)}) or take it away.";
    }
}
