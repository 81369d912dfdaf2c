using Tidemark.Engine.Format;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Stores;

namespace Tidemark.Engine.Chains;

/// <summary>
/// A chain that one run has to itself for writing: locked, opened as it is then, and cleared of what runs left that died.
/// The one way to it for all that write.
/// </summary>
internal sealed class ChainTaken : IDisposable
{
    private readonly StoreFolder folder;
    private readonly IDisposable held;
    private readonly int maxLineage;

    private ChainTaken(StoreFolder folder, IDisposable held, Chain chain, int maxLineage)
    {
        this.folder = folder;
        this.held = held;
        this.maxLineage = maxLineage;
        Chain = chain;
    }

    /// <summary>The chain as it was when it was taken or <see cref="Reload"/>ed last.</summary>
    public Chain Chain { get; private set; }

    /// <param name="check">Looks at the chain before anything is cleared away; what it throws leaves all as it was.</param>
    /// <param name="maxLineage">Images that one point in time may be made of; less only in tests.</param>
    /// <exception cref="TidemarkException">Another run has it: <see cref="TidemarkError.Busy"/>.</exception>
    public static ChainTaken Take(StoreFolder folder, Action<Chain>? check = null, int? maxLineage = null)
    {
        var held = folder.TryLock(out var holder) ?? throw new TidemarkException(
            TidemarkError.Busy, $"Another run holds {folder.Name} ({holder}). Wait for it to end, and run again.");
        Chain? chain = null;
        try
        {
            var most = maxLineage ?? ImageFormat.MaxLineage;
            chain = Chain.Load(folder, most);
            check?.Invoke(chain);
            RemoveLeftovers(folder, chain);
            return new ChainTaken(folder, held, chain, most);
        }
        catch
        {
            chain?.Dispose();
            held.Dispose();
            throw;
        }
    }

    /// <summary>The chain of a run that looks at images which have to be there.</summary>
    public static ChainTaken TakeWithImages(StoreFolder folder) => Take(folder, chain =>
    {
        if (chain.Members.Count == 0)
        {
            throw TidemarkException.WrongUse($"{folder.Name} holds no images. Give a chain's folder.");
        }
    });

    /// <summary>Opens the chain once more, with what this run has added to it.</summary>
    public Chain Reload()
    {
        Chain.Dispose();
        return Chain = Chain.Load(folder, maxLineage);
    }

    public void Dispose()
    {
        Chain.Dispose();
        held.Dispose();
    }

    /// <summary>
    /// Deletes what interrupted runs left: parts of images that were never committed, and what was never completed.
    /// </summary>
    private static void RemoveLeftovers(StoreFolder folder, Chain chain)
    {
        var parts = chain.UncommittedParts.SelectMany(set => set.Entries).ToList();
        foreach (var part in parts)
        {
            folder.Delete(part.Name);
        }

        if (parts.Count > 0)
        {
            // What tells that they were never committed goes after them, also in a loss of power.
            folder.Flush();
        }

        var others = folder.RemoveUnfinished();
        foreach (var old in folder.List().Where(entry => KeyTableFile.IsTemporary(entry.Name)))
        {
            folder.Delete(old.Name);
            others++;
        }

        if (others > 0)
        {
            folder.Flush();
        }
    }
}
