using Tidemark.Engine.Chains;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Operations.Maintenance;

/// <summary>Changes who can open an encrypted chain. Committed images stay untouched: a small new file takes their place.</summary>
public static class ChainKey
{
    /// <summary>
    /// Replaces the key a chain is opened with by another. Copies of the chain from before, and the old key with them,
    /// still open what they hold.
    /// </summary>
    /// <param name="chain">Where the chain is.</param>
    /// <returns>The name of the file written.</returns>
    /// <exception cref="TidemarkException">The chain isn't encrypted, is held by another run, or the old key is wrong.</exception>
    public static string Change(StoreLocation chain, KeyOptions old, KeyOptions replacement)
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(replacement);
        return Change(chain, old, replacement, SystemRandomSource.Instance);
    }

    internal static string Change(StoreLocation chain, KeyOptions old, KeyOptions replacement, RandomSource random)
    {
        // What has no key to change isn't locked for it.
        using (var seen = ImageAddress.Of(chain).OpenLocked())
        {
            RequireEncrypted(seen);
        }

        using var oldSource = old.Open();
        using var newSource = replacement.Open()
            ?? throw TidemarkException.WrongUse("Give the new passphrase file or key file.");
        return Change(chain.OpenFolder(), oldSource, newSource, random, Argon2Cost.Default);
    }

    /// <summary>The same for a folder of any store. What it holds is looked at under the lock: another run may just have ended.</summary>
    internal static string Change(StoreFolder folder, KeySource? old, KeySource replacement, RandomSource random, Argon2Cost cost)
    {
        using var taken = ChainTaken.Take(folder, RequireEncrypted);
        var table = taken.Chain.SelectKeys().Table
            ?? throw TidemarkException.Damaged($"No key slots of {folder.Name} can be read, so nobody can open it.");
        var changed = KeyOperations.ChangeKey(table, old, replacement, folder.Name, random, cost);
        return KeyTableFile.Write(folder, changed);
    }

    private static void RequireEncrypted(Chain chain)
    {
        if (!chain.Encrypted)
        {
            throw TidemarkException.WrongUse($"{chain.Folder.Name} isn't encrypted, so there is no key to change.");
        }
    }
}
