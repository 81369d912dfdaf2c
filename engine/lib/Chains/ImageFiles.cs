using Tidemark.Engine.Images;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Chains;

/// <summary>Sorts the files of a folder into images by their names.</summary>
internal static class ImageFiles
{
    /// <summary>The files of one image, the first part first; a problem where a part in between isn't there.</summary>
    /// <param name="Repairs">Its repair files, the newest first.</param>
    /// <param name="Healings">Its healing images, the newest first.</param>
    internal readonly record struct ImageGroup(
        long Sequence, IReadOnlyList<StoreEntry> Files, string? Problem, IReadOnlyList<StoreEntry> Repairs, IReadOnlyList<StoreEntry> Healings);

    public static IEnumerable<ImageGroup> Group(IReadOnlyList<StoreEntry> entries)
    {
        var found = new SortedDictionary<long, SortedDictionary<int, StoreEntry>>();
        foreach (var entry in entries)
        {
            if (ImageNames.TryParse(entry.Name, out var sequence, out var part))
            {
                if (!found.TryGetValue(sequence, out var parts))
                {
                    found.Add(sequence, parts = []);
                }

                parts[part] = entry;
            }
        }

        foreach (var (sequence, parts) in found)
        {
            var gap = Enumerable.Range(0, parts.Count).FirstOrDefault(i => !parts.ContainsKey(i), -1);
            var problem = gap < 0 ? null : $"part {gap} ({ImageNames.Part(sequence, gap)}) is missing.";
            yield return new ImageGroup(
                sequence, [.. parts.Values], problem,
                Aside(entries, sequence, ImageNames.RepairExtension), Aside(entries, sequence, ImageNames.HealingExtension));
        }
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

    /// <summary>
    /// Deletes what an interrupted run left: files under temporary names, of images and of keys, and parts that already had their final name
    /// when the run ended before the rename of the first part. Only the holder of the lock may.
    /// </summary>
    /// <returns>How many files were deleted.</returns>
    public static int RemoveLeftovers(StoreFolder folder)
    {
        var entries = folder.List();
        var names = entries.Select(e => e.Name).ToHashSet(StringComparer.Ordinal);
        List<string> doomed = [.. names.Where(KeyTableFile.IsTemporary)];
        foreach (var name in names.Where(ImageNames.IsTemporary))
        {
            if (ImageNames.TryParseTemporary(name, out var sequence, out var part, out var id)
                && part == 0 && !names.Contains(ImageNames.Part(sequence, 0)))
            {
                // The first part's temporary name goes last: it is what tells that these parts were never committed.
                doomed.AddRange(entries.Select(e => e.Name).Where(n => IsPartOf(folder, n, sequence, id)));
            }

            doomed.Add(name);
        }

        foreach (var name in doomed.Where(n => !IsTemporary(n)))
        {
            folder.Delete(name);
        }

        if (doomed.Exists(n => !IsTemporary(n)))
        {
            // After a crash the temporary name must not be gone while they are still there.
            folder.Flush();
        }

        foreach (var name in doomed.Where(IsTemporary))
        {
            folder.Delete(name);
        }

        if (doomed.Count > 0)
        {
            folder.Flush();
        }

        return doomed.Count;
    }

    private static bool IsTemporary(string name) => ImageNames.IsTemporary(name) || KeyTableFile.IsTemporary(name);

    private static bool IsPartOf(StoreFolder folder, string name, long sequence, Guid imageId)
    {
        if (!ImageNames.TryParse(name, out var itsSequence, out var part) || itsSequence != sequence || part == 0)
        {
            return false;
        }

        using var file = folder.OpenRead(name);
        var page = new byte[ImageFormat.HeaderSize];
        if (file.Length < page.Length)
        {
            return false;
        }

        file.ReadAt(0, page);
        return PartHeader.TryRead(page, out var header) && header.ImageId == imageId;
    }
}
