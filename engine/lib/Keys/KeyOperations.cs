using System.Diagnostics;
using System.Security.Cryptography;

namespace Tidemark.Engine.Keys;

/// <summary>
/// What can be done with the keys of a chain. Changes make a new table of the next generation around the same data key, so
/// committed images stay as they are; storing it is <see cref="KeyTableFile.Write"/>. A key that is changed or removed still
/// opens the older tables, in image headers for instance: it locks out whoever gets hold of the folder later without them,
/// not somebody who has an old copy. Against that, only a new chain helps.
/// </summary>
internal static class KeyOperations
{
    /// <summary>Begins a chain: a new data key, and the table that opens it.</summary>
    public static (KeySlotTable Table, ChainKeys Keys) CreateTable(
        Guid chainId, KeySource source, RandomSource random, Argon2Cost cost)
    {
        CheckCost(cost);
        source.RequireSound();
        var keys = ChainKeys.Generate(chainId, random);
        try
        {
            var slot = KeyWrapping.Wrap(chainId, 1, source, cost, keys.DataKey, random);
            return (new KeySlotTable(chainId, 1, [slot]), keys);
        }
        catch
        {
            keys.Dispose();
            throw;
        }
    }

    public static (KeySlotTable Table, ChainKeys Keys) CreateTable(Guid chainId, KeySource source, RandomSource random) =>
        CreateTable(chainId, source, random, Argon2Cost.Default);

    /// <summary>Opens a chain.</summary>
    /// <param name="source">Null if none was given, which is an error with advice.</param>
    /// <param name="chainName">What messages call the chain.</param>
    /// <exception cref="TidemarkException">The key is wrong or missing: <see cref="TidemarkError.Key"/>.</exception>
    public static ChainKeys Unlock(KeySlotTable table, KeySource? source, string chainName) =>
        Unlock(table, source, chainName, out _);

    /// <inheritdoc cref="Unlock(KeySlotTable, KeySource?, string)"/>
    /// <param name="slot">The slot that was opened.</param>
    public static ChainKeys Unlock(KeySlotTable table, KeySource? source, string chainName, out KeySlot slot)
    {
        if (source is null)
        {
            throw TidemarkException.KeyProblem($"{chainName} is encrypted, and no key was given. {Advice(table)}");
        }

        if (!table.HasKind(source.Kind))
        {
            throw TidemarkException.KeyProblem(
                $"{chainName} isn't opened by a {(source.Kind == KeySlotKind.Passphrase ? "passphrase" : "key file")}. {Advice(table)}");
        }

        foreach (var candidate in table.Slots)
        {
            var dataKey = KeyWrapping.TryUnwrap(table.ChainId, candidate, source);
            if (dataKey is not null)
            {
                slot = candidate;
                return new ChainKeys(table.ChainId, dataKey);
            }
        }

        throw TidemarkException.KeyProblem(
            $"{chainName} isn't opened by the {(source.Kind == KeySlotKind.Passphrase ? "passphrase" : "key")} of {source.Name}. "
            + "Check that it is the one of this chain and the newest, if it was changed."
            + (source.Flaw is { } flaw ? $" Note that its bytes are taken as they are: {flaw}." : ""));
    }

    /// <summary>Replaces the key <paramref name="old"/> by <paramref name="replacement"/>; other keys stay.</summary>
    public static KeySlotTable ChangeKey(
        KeySlotTable table, KeySource? old, KeySource replacement, string chainName, RandomSource random, Argon2Cost cost)
    {
        CheckCost(cost);
        replacement.RequireSound();
        using var keys = Unlock(table, old, chainName, out var opened);
        var slots = table.Slots.ToArray();
        slots[Array.IndexOf(slots, opened)] =
            KeyWrapping.Wrap(table.ChainId, opened.Id, replacement, cost, keys.DataKey, random);
        return Next(table, slots);
    }

    /// <summary>Adds another key to those that open the chain.</summary>
    public static KeySlotTable AddKey(
        KeySlotTable table, KeySource? existing, KeySource added, string chainName, RandomSource random, Argon2Cost cost)
    {
        CheckCost(cost);
        added.RequireSound();
        if (table.Slots.Length == KeySlotTable.MaxSlots)
        {
            throw TidemarkException.WrongUse(
                $"{chainName} has {KeySlotTable.MaxSlots} keys, which is all it can have. Remove one first.");
        }

        using var keys = Unlock(table, existing, chainName);
        var slot = KeyWrapping.Wrap(table.ChainId, table.FreeId(), added, cost, keys.DataKey, random);
        return Next(table, [.. table.Slots, slot]);
    }

    /// <summary>
    /// Removes the slot <paramref name="id"/>. <paramref name="remaining"/> must open another one, so that nobody locks
    /// himself out.
    /// </summary>
    public static KeySlotTable RemoveKey(KeySlotTable table, KeySource? remaining, ushort id, string chainName)
    {
        var slots = table.Slots.ToArray();
        if (!Array.Exists(slots, slot => slot.Id == id))
        {
            throw TidemarkException.WrongUse($"{chainName} has no key {id}.");
        }

        if (slots.Length == 1)
        {
            throw TidemarkException.WrongUse($"Key {id} is the only one of {chainName}. Add another before it is removed.");
        }

        KeySlot[] left = [.. slots.Where(slot => slot.Id != id)];
        Debug.Assert(left.Length == slots.Length - 1);

        // Unlocking the table as it will be proves that the given key goes on to open the chain.
        var next = Next(table, left);
        using var keys = Unlock(next, remaining, $"{chainName} without key {id}");
        return next;
    }

    /// <summary>Whether both hold the same data key; compared in constant time.</summary>
    public static bool HaveSameDataKey(ChainKeys one, ChainKeys other) =>
        CryptographicOperations.FixedTimeEquals(one.DataKey.Span, other.DataKey.Span);

    private static KeySlotTable Next(KeySlotTable table, ReadOnlySpan<KeySlot> slots) =>
        table.Generation < KeySlotTable.MaxGeneration
            ? new KeySlotTable(table.ChainId, table.Generation + 1, slots)
            : throw TidemarkException.Failed(
                $"The keys of chain {table.ChainId} were changed {KeySlotTable.MaxGeneration} times, which is the most. Begin a new chain.");

    private static string Advice(KeySlotTable table) =>
        (table.HasKind(KeySlotKind.Passphrase), table.HasKind(KeySlotKind.KeyFile)) switch
        {
            (true, true) => "Give its passphrase file or key file.",
            (true, false) => "Give its passphrase file.",
            _ => "Give its key file.",
        };

    private static void CheckCost(Argon2Cost cost)
    {
        if (!cost.IsWithinBounds)
        {
            throw TidemarkException.WrongUse(
                $"Argon2id takes {Argon2Cost.MinMemoryKiB} to {Argon2Cost.MaxMemoryKiB} KiB, 1 to {Argon2Cost.MaxPasses} passes and one lane.");
        }
    }
}
