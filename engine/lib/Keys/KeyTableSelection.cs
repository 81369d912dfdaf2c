using System.Diagnostics;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Keys;

/// <summary>Something wrong with a key table of a chain's folder; it is named, and not fatal by itself.</summary>
/// <param name="FileName">The file in the chain's folder; empty for a table in an image header.</param>
/// <param name="Message">What is wrong with it.</param>
internal sealed record KeyTableFinding(string FileName, string Message);

/// <summary>The key table of a chain that counts, and what was wrong on the way to it.</summary>
/// <param name="Table">The highest generation that is whole.</param>
/// <param name="FileName">The file it comes from; null if it comes from an image header.</param>
/// <param name="IsFallback">
/// A newer table is there and damaged: a key that was changed since doesn't open this one, and a key that was given up does.
/// Whether to go on is the caller's decision.
/// </param>
/// <param name="Findings">Every table that was looked at and couldn't be used, the newest first.</param>
internal sealed record KeyTableSelection(
    KeySlotTable Table, string? FileName, bool IsFallback, IReadOnlyList<KeyTableFinding> Findings)
{
    /// <summary>
    /// A chain has a handful; so many damaged ones are no accident, and reading on would be work without a bound.
    /// </summary>
    public const int MaxDamagedFiles = 64;

    /// <summary>Finds the table that counts among the folder's key files and the tables of image headers.</summary>
    /// <param name="headerTables">The tables of the chain's images, as far as their headers are whole.</param>
    /// <exception cref="TidemarkException">No table is whole: <see cref="TidemarkError.Damaged"/>.</exception>
    public static KeyTableSelection Select(StoreFolder folder, Guid chainId, IEnumerable<KeySlotTable> headerTables)
    {
        var findings = new List<KeyTableFinding>();
        var header = NewestHeader(chainId, headerTables, findings);
        var newestDamaged = 0u;
        foreach (var (generation, name) in FilesNotOlderThan(folder, header?.Generation ?? 0))
        {
            if (TryRead(folder, name, chainId, findings) is { } table)
            {
                Debug.Assert(table.Generation == generation);
                CheckAgreement(table, name, header, findings);
                return new KeyTableSelection(table, name, newestDamaged > generation, findings);
            }

            newestDamaged = Math.Max(newestDamaged, generation);
            if (findings.Count >= MaxDamagedFiles)
            {
                break;
            }
        }

        return header is not null
            ? new KeyTableSelection(header, null, newestDamaged > header.Generation, findings)
            : throw TidemarkException.Damaged(
                $"{folder.Name} is encrypted, and no key slots are whole"
                + (findings.Count > 0 ? $": {findings[0].Message}" : ". Copy its keys-*.tdk files from another copy of the chain."));
    }

    private static KeySlotTable? NewestHeader(
        Guid chainId, IEnumerable<KeySlotTable> headerTables, List<KeyTableFinding> findings)
    {
        KeySlotTable? newest = null;
        foreach (var table in headerTables)
        {
            if (table.ChainId != chainId)
            {
                if (findings.Count < MaxDamagedFiles)
                {
                    findings.Add(new KeyTableFinding(string.Empty, $"The key slots of an image header belong to chain {table.ChainId}."));
                }
            }
            else if (newest is null || table.Generation > newest.Generation)
            {
                newest = table;
            }
        }

        return newest;
    }

    private static List<(uint Generation, string Name)> FilesNotOlderThan(StoreFolder folder, uint oldest)
    {
        var files = new List<(uint Generation, string Name)>();
        foreach (var entry in folder.List())
        {
            if (KeyTableFile.TryParseName(entry.Name, out var generation) && generation >= oldest)
            {
                files.Add((generation, entry.Name));
            }
        }

        files.Sort((one, other) => other.Generation.CompareTo(one.Generation));
        return files;
    }

    private static KeySlotTable? TryRead(StoreFolder folder, string name, Guid chainId, List<KeyTableFinding> findings)
    {
        try
        {
            var table = KeyTableFile.Read(folder, name);
            if (table.ChainId == chainId)
            {
                return table;
            }

            findings.Add(new KeyTableFinding(name, $"{name} belongs to chain {table.ChainId} and not to this one."));
        }
        catch (TidemarkException error)
        {
            findings.Add(new KeyTableFinding(name, error.Message));
        }

        return null;
    }

    /// <summary>Two tables of one generation come from copies of a chain whose keys were changed apart, and then mixed.</summary>
    private static void CheckAgreement(KeySlotTable table, string name, KeySlotTable? header, List<KeyTableFinding> findings)
    {
        if (header is null || header.Generation != table.Generation)
        {
            return;
        }

        Span<byte> one = stackalloc byte[KeySlotTable.Size];
        Span<byte> other = stackalloc byte[KeySlotTable.Size];
        table.Write(one);
        header.Write(other);
        if (!one.SequenceEqual(other))
        {
            findings.Add(new KeyTableFinding(
                name, $"{name} and an image header hold different keys of generation {table.Generation}; those of the file are used."));
        }
    }
}
