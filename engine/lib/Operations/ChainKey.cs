using Tidemark.Engine.Chains;
using Tidemark.Engine.Keys;

namespace Tidemark.Engine.Operations;

/// <summary>Changes who can open an encrypted chain. Committed images stay untouched: a small new file takes their place.</summary>
public static class ChainKey
{
    /// <summary>
    /// Replaces the key a chain is opened with by another. Copies of the chain from before, and the old key with them,
    /// still open what they hold.
    /// </summary>
    /// <param name="chainPath">The chain's folder.</param>
    /// <returns>The name of the file written.</returns>
    /// <exception cref="TidemarkException">The chain isn't encrypted, is held by another run, or the old key is wrong.</exception>
    public static string Change(string chainPath, KeyOptions old, KeyOptions replacement)
    {
        ArgumentNullException.ThrowIfNull(old);
        ArgumentNullException.ThrowIfNull(replacement);
        return Change(chainPath, old, replacement, SystemRandomSource.Instance);
    }

    internal static string Change(string chainPath, KeyOptions old, KeyOptions replacement, RandomSource random)
    {
        using var chain = new ImageAddress(chainPath, null).OpenLocked();
        if (!chain.Encrypted)
        {
            throw TidemarkException.WrongUse($"{chainPath} isn't encrypted, so there is no key to change.");
        }

        using var oldSource = old.Open();
        using var newSource = replacement.Open()
            ?? throw TidemarkException.WrongUse("Give the new passphrase file or key file.");
        return Change(chain, oldSource, newSource, random, Argon2Cost.Default);
    }

    /// <summary>The same for a chain that is loaded.</summary>
    internal static string Change(Chain chain, KeySource? old, KeySource replacement, RandomSource random, Argon2Cost cost)
    {
        var folder = chain.Folder;
        using var held = folder.TryLock(out var holder)
            ?? throw new TidemarkException(TidemarkError.Busy, $"Another run holds {folder.Name} ({holder}). Wait for it to end, and run again.");
        var table = chain.SelectKeys().Table;
        var changed = KeyOperations.ChangeKey(table, old, replacement, folder.Name, random, cost);
        return KeyTableFile.Write(folder, changed);
    }
}
