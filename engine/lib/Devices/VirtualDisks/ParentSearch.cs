namespace Tidemark.Engine.Devices.VirtualDisks;

/// <summary>Finds the parent of a differencing disk among the names that the disk stores.</summary>
internal static class ParentSearch
{
    /// <summary>
    /// Files in a chain at most. Hyper-V allows about 50 checkpoints, and a chain that leads back to itself ends here.
    /// </summary>
    public const int MaxDepth = 64;

    /// <summary>
    /// Opens the first candidate that is the right disk, with its own parents. A candidate that can't be opened or is
    /// another disk is passed over; one with the right identity is final, whatever is wrong behind it.
    /// </summary>
    /// <param name="child">The file of the differencing disk.</param>
    /// <param name="storedNames">The names it stores, best first.</param>
    /// <param name="openParent">Opens a file by its name.</param>
    /// <param name="depth">Files of the chain so far, the child counted.</param>
    /// <param name="objection">Says why a disk is not the parent, or null if it is.</param>
    public static VirtualDisk Open(
        BlockDevice child,
        IEnumerable<string> storedNames,
        ParentOpener openParent,
        int depth,
        Func<VirtualDisk, string?> objection)
    {
        if (depth >= MaxDepth)
        {
            throw TidemarkException.Damaged(
                $"The chain of parents of {child.Name} is longer than {MaxDepth} files or leads back to itself; "
                + "merge some of its differencing disks, or check which parent each one names.");
        }

        var tried = new List<string>();
        foreach (var name in ParentPath.Candidates(storedNames))
        {
            if (TryCandidate(child, name, openParent, objection, tried) is not { } parent)
            {
                continue;
            }

            try
            {
                parent.Link(openParent, depth + 1);
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
            + "Put the parent where the disk expects it, or beside it.");
    }

    private static VirtualDisk? TryCandidate(
        BlockDevice child,
        string name,
        ParentOpener openParent,
        Func<VirtualDisk, string?> objection,
        List<string> tried)
    {
        BlockDevice? file = null;
        try
        {
            file = openParent(child, name);
            if (file is null)
            {
                tried.Add($"'{name}' is not there");
                return null;
            }

            var disk = VirtualDisk.Parse(file);
            var reason = disk is null ? "is not a virtual disk" : objection(disk);
            if (reason is null)
            {
                return disk;
            }

            tried.Add($"'{name}' {reason}");
        }
        catch (TidemarkException e)
        {
            tried.Add($"'{name}': {e.Message}");
        }

        file?.Dispose();
        return null;
    }
}
