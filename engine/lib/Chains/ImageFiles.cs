using Tidemark.Engine.Format;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Chains;

/// <summary>Sorts the files of a folder into images by their names.</summary>
internal static class ImageFiles
{
    /// <summary>A run renames the parts of one image; more changes between looks than this are no run's.</summary>
    private const int MaxLooks = 8;

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
            // A committed image has its first part since its last step; nothing but a loss takes it away, or a copy that was made
            // meanwhile and left the temporary name out.
            var gap = Enumerable.Range(0, parts.Count).FirstOrDefault(i => !parts.ContainsKey(i), -1);
            var problem = gap switch
            {
                < 0 => null,
                0 => $"part 0 ({ImageNames.Part(sequence, gap)}) is missing: the image's head is lost, or the image was never committed and this is "
                    + "a copy of the folder made meanwhile. Bring the part back; if the image was never committed, take its other parts away.",
                _ => $"part {gap} ({ImageNames.Part(sequence, gap)}) is missing.",
            };
            yield return new ImageGroup(
                sequence, [.. parts.Values], problem,
                Aside(entries, sequence, ImageNames.RepairExtension), Aside(entries, sequence, ImageNames.HealingExtension));
        }
    }

    /// <summary>
    /// The images of a folder. One whose first part has its temporary name still isn't there, though its other parts have
    /// their names: it is being committed right now, or its run has died, and the next one clears it away.
    /// </summary>
    /// <param name="uncommitted">The numbers of such images.</param>
    public static IReadOnlyList<ImageGroup> Read(StoreFolder folder, out IReadOnlyList<long> uncommitted)
    {
        var entries = folder.List();
        for (var look = 1; ; look++)
        {
            var groups = Group(entries).ToList();
            var headless = groups.FindAll(IsHeadless);
            List<long> begun = [];
            var gone = false;
            foreach (var group in headless)
            {
                if (IsBeingCommitted(folder, entries, group, ref gone))
                {
                    begun.Add(group.Sequence);
                }
            }

            uncommitted = begun;
            groups.RemoveAll(g => begun.Contains(g.Sequence));
            if (headless.Count == begun.Count || look == MaxLooks)
            {
                return groups;
            }

            // A list of names isn't of one moment: of a rename that is under way it may have neither name.
            var again = folder.List();
            if (!gone && again.Select(e => e.Name).ToHashSet(StringComparer.Ordinal).SetEquals(entries.Select(e => e.Name)))
            {
                return groups;
            }

            entries = again;
        }
    }

    private static bool IsHeadless(ImageGroup group) => group.Repairs.Count == 0 && group.Files.Count > 0
        && ImageNames.TryParse(group.Files[0].Name, out _, out var first) && first > 0;

    private static bool IsBeingCommitted(StoreFolder folder, IReadOnlyList<StoreEntry> entries, in ImageGroup group, ref bool gone)
    {
        foreach (var entry in entries)
        {
            if (!ImageNames.TryParseTemporary(entry.Name, out var sequence, out var part, out var id) || part != 0 || sequence != group.Sequence)
            {
                continue;
            }

            foreach (var file in group.Files)
            {
                try
                {
                    if (IsPartOf(folder, file.Name, sequence, id))
                    {
                        return true;
                    }
                }
                catch (TidemarkException)
                {
                    // Its run gave up and took it away, or it can't be read; another part tells, or another look.
                    gone = true;
                }
            }
        }

        return false;
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
