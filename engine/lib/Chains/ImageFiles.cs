using Tidemark.Engine.Format;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Chains;

/// <summary>Sorts the objects of a folder into images by their names.</summary>
internal static class ImageFiles
{
    /// <summary>The files of one image; a problem where its head or a part in between isn't there.</summary>
    /// <param name="Files">The first part first.</param>
    /// <param name="HasHead">Whether the first part is there, or a repair file that has what it held.</param>
    /// <param name="Repairs">Its repair files, the newest first.</param>
    /// <param name="Healings">Its healing images, the newest first.</param>
    internal readonly record struct ImageGroup(
        long Sequence, IReadOnlyList<StoreEntry> Files, bool HasHead, string? Problem, IReadOnlyList<StoreEntry> Repairs,
        IReadOnlyList<StoreEntry> Healings);

    /// <summary>What a folder holds.</summary>
    /// <param name="Images">
    /// The images, by sequence; also one of which parts are there and no head, unless these were certainly never committed.
    /// </param>
    /// <param name="Uncommitted">Parts that were never committed, or aren't yet.</param>
    internal sealed record FolderImages(IReadOnlyList<ImageGroup> Images, IReadOnlyList<PartSet> Uncommitted);

    /// <summary>Sorts a folder's objects; what is in doubt is looked into.</summary>
    public static FolderImages Read(StoreFolder folder)
    {
        var entries = folder.List();
        var heads = new SortedDictionary<long, StoreEntry>();
        var sets = new SortedDictionary<long, List<PartSet>>();
        foreach (var entry in entries)
        {
            if (!ImageNames.TryParse(entry.Name, out var sequence, out var part, out var id))
            {
                continue;
            }

            if (part == 0)
            {
                heads.Add(sequence, entry);
                continue;
            }

            if (!sets.TryGetValue(sequence, out var its))
            {
                sets.Add(sequence, its = []);
            }

            var set = its.Find(s => s.Image == id);
            if (set is null)
            {
                its.Add(set = new PartSet(sequence, id));
            }

            set.Add(part, entry);
        }

        List<ImageGroup> images = [];
        List<PartSet> uncommitted = [];
        IReadOnlyList<string>? unfinished = null;
        foreach (var sequence in heads.Keys.Union(sets.Keys).Order())
        {
            var its = sets.GetValueOrDefault(sequence) ?? [];
            var repairs = Aside(entries, sequence, ImageNames.RepairExtension);
            StoreEntry? head = heads.TryGetValue(sequence, out var there) ? there : null;
            if (head is null && repairs.Count == 0)
            {
                unfinished ??= folder.ListUnfinished();
                var never = its.FindAll(s => unfinished.Contains(ImageNames.Part(sequence, 0)) || s.IsCutOff(folder));
                uncommitted.AddRange(never);
                its.RemoveAll(never.Contains);
            }

            var own = Own(folder, head, repairs, its);
            if (head is not null)
            {
                // Another writer's that died, or was told that the name is taken.
                uncommitted.AddRange(its.Where(s => s != own && s.Image != default && s.IsCutOff(folder)));
            }

            if (head is not null || own is not null || repairs.Count > 0)
            {
                images.Add(Group(entries, sequence, head, own, repairs));
            }
        }

        return new FolderImages(images, uncommitted);
    }

    /// <summary>Whether a folder holds anything that looks like an image, or like one that is being written.</summary>
    public static bool Any(IReadOnlyList<StoreEntry> entries) => entries.Any(e => ImageNames.TryParse(e.Name, out _, out _));

    /// <summary>An image of parts that were taken for uncommitted, and aren't: an image that is there was made from it.</summary>
    public static ImageGroup Group(StoreFolder folder, PartSet set)
    {
        var entries = folder.List();
        return Group(entries, set.Sequence, null, set, []);
    }

    /// <summary>The parts that belong to a head; where that is gone or can't be read, those that are most.</summary>
    private static PartSet? Own(StoreFolder folder, StoreEntry? head, IReadOnlyList<StoreEntry> repairs, List<PartSet> sets)
    {
        if (sets.Count == 0 || (sets is [{ } only] && only.Image == default))
        {
            return sets.FirstOrDefault();
        }

        if (head is { } entry && TryReadHeader(folder, entry) is { } header)
        {
            return header.PartSize > 0 && header.NamesParts
                ? sets.Find(s => s.Image == header.ImageId)
                : sets.Find(s => s.Image == default);
        }

        return sets.MaxBy(s => s.Bytes);
    }

    private static ImageHeader? TryReadHeader(StoreFolder folder, in StoreEntry head)
    {
        try
        {
            using var file = folder.OpenRead(head.Name);
            var page = new byte[ImageFormat.HeaderSize];
            if (file.Length < page.Length)
            {
                return null;
            }

            file.ReadAt(0, page);
            return ImageHeader.TryRead(page, out _);
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            return null;
        }
    }

    private static ImageGroup Group(
        IReadOnlyList<StoreEntry> entries, long sequence, StoreEntry? head, PartSet? parts, List<StoreEntry> repairs)
    {
        string? problem = null;
        if (head is null)
        {
            var name = ImageNames.Part(sequence, 0);
            problem = $"part 0 ({name}) is missing: the image was never committed, or its head is lost. 'tidemark repair' brings a lost head back; "
                + "if the image was never committed, take its other parts away.";
        }
        else if (parts?.FirstMissing is { } gap)
        {
            problem = $"part {gap} ({ImageNames.Part(sequence, gap, parts.Image)}) is missing.";
        }

        IEnumerable<StoreEntry> files = head is { } first ? [first] : [];
        return new ImageGroup(
            sequence, [.. files, .. parts?.Entries ?? []], head is not null || repairs.Count > 0, problem, repairs,
            Aside(entries, sequence, ImageNames.HealingExtension));
    }

    /// <summary>The number that an image's next repair file or healing image gets.</summary>
    /// <exception cref="TidemarkException">A file is called like the last one that there can be.</exception>
    public static int NextAside(StoreFolder folder, long sequence, string extension)
    {
        var newest = Aside(folder.List(), sequence, extension);
        if (newest.Count == 0 || !ImageNames.TryParseAside(newest[0].Name, extension, out _, out var number))
        {
            return 1;
        }

        return number < int.MaxValue ? number + 1 : throw TidemarkException.Damaged(
            $"{newest[0].Name} in {folder.Name} has the highest number there can be, so none can follow. Take the file away if no run made it.");
    }

    private static List<StoreEntry> Aside(IReadOnlyList<StoreEntry> entries, long sequence, string extension)
    {
        var found = new SortedList<int, StoreEntry>();
        foreach (var entry in entries)
        {
            if (ImageNames.TryParseAside(entry.Name, extension, out var its, out var number) && its == sequence)
            {
                found[-number] = entry;
            }
        }

        return [.. found.Values];
    }
}
