namespace Tidemark.Engine.Devices.VirtualDisks;

/// <summary>Finds the parent of a differencing disk among the names that the disk stores.</summary>
internal static class ParentSearch
{
    /// <summary>
    /// Files in a chain at most. Hyper-V allows about 50 checkpoints, and a chain that leads back to itself ends here.
    /// </summary>
    public const int MaxDepth = 64;

    /// <summary>Candidates that a message gives its reasons for at most.</summary>
    private const int MaxReasons = 12;

    /// <summary>
    /// Opens the first candidate that is the right disk, with its own parents: the files that the user gave, and then what
    /// the names lead to. A candidate that can't be opened or is another disk is passed over; one with the right identity is
    /// final, whatever is wrong behind it.
    /// </summary>
    /// <param name="child">The file of the differencing disk.</param>
    /// <param name="storedNames">The names it stores, best first.</param>
    /// <param name="parents">Where to look.</param>
    /// <param name="depth">Files of the chain so far, the child counted.</param>
    /// <param name="byName">Whether the child knows its parent by no id, so that only the name tells it.</param>
    /// <param name="objection">Says why a disk is not the parent, or null if it is.</param>
    public static VirtualDisk Open(
        BlockDevice child,
        IReadOnlyList<string> storedNames,
        ParentSource parents,
        int depth,
        bool byName,
        Func<VirtualDisk, string?> objection)
    {
        if (depth >= MaxDepth)
        {
            throw TidemarkException.Damaged(
                $"The chain of parents of {child.Name} is longer than {MaxDepth} files or leads back to itself; "
                + "merge some of its differencing disks, or check which parent each one names.");
        }

        var tried = new List<string>();
        foreach (var name in Names(child, storedNames, parents, byName))
        {
            if (TryCandidate(child, name, parents, objection, tried) is not { } parent)
            {
                continue;
            }

            try
            {
                parent.Link(parents, depth + 1);
                return parent;
            }
            catch
            {
                parent.Dispose();
                throw;
            }
        }

        var reasons = tried.Count == 0 ? "it names none" : string.Join("; ", tried);
        throw TidemarkException.Failed(
            $"The parent of the differencing disk {child.Name} was not found: {reasons}. "
            + "Put the parent where the disk expects it, or beside it, or give it too where several files are taken.");
    }

    private static IEnumerable<string> Names(BlockDevice child, IReadOnlyList<string> storedNames, ParentSource parents, bool byName)
    {
        // Two files of a name, of which the child says nothing more, would be a guess.
        var given = parents.Given.Where(path => path != child.Name && (!byName || ParentPath.IsCalled(path, storedNames))).ToArray();
        IEnumerable<string> first = byName && given.Length > 1 ? [] : given;
        return first.Concat(ParentPath.Candidates(storedNames, guess: !byName).SelectMany(name => parents.Variants(child, name)).Distinct());
    }

    private static VirtualDisk? TryCandidate(
        BlockDevice child,
        string name,
        ParentSource parents,
        Func<VirtualDisk, string?> objection,
        List<string> tried)
    {
        BlockDevice? file = null;
        try
        {
            file = parents.Open(child, name);
            if (file is null)
            {
                Add($"'{name}' is not there");
                return null;
            }

            var disk = VirtualDisk.Parse(file);
            var reason = disk is null ? "is not a virtual disk" : objection(disk);
            if (reason is null)
            {
                return disk;
            }

            Add($"'{name}' {reason}");
        }
        catch (TidemarkException e)
        {
            Add($"'{name}': {e.Message}");
        }

        file?.Dispose();
        return null;

        // Of many files given, the message names some; what the child itself names comes behind them.
        void Add(string reason)
        {
            if (tried.Count < MaxReasons)
            {
                tried.Add(reason);
            }
            else
            {
                tried[^1] = reason;
            }
        }
    }
}
