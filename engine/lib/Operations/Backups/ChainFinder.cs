using System.Globalization;
using System.Text;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Stores.Layers;

namespace Tidemark.Engine.Operations.Backups;

/// <summary>
/// Finds the chain that a backup continues: by its name if one is given, else by what the source is known by. Folders
/// may have been moved, copied or renamed since; only their content counts.
/// </summary>
internal static class ChainFinder
{
    /// <summary>Bytes of a folder's name that Tidemark makes; file systems take 255.</summary>
    private const int MaxFolderName = 60;

    /// <summary>The folder to continue, or a new one where the store has no chain for the source.</summary>
    /// <param name="request">What the user asked for.</param>
    /// <param name="identity">What the source is known by.</param>
    /// <param name="trace">Where it is, which decides between chains of one id; null where that says nothing.</param>
    /// <param name="observer">Told where it decided.</param>
    public static StoreFolder Find(BackupRequest request, SourceIdentity identity, SourceTrace? trace, IRunObserver observer)
    {
        request.Store.RequirePlace();
        if (IsChainFolder(request.Store))
        {
            if (request.Chain is not null)
            {
                throw TidemarkException.WrongUse(
                    $"{request.Store} is a chain's folder, so the name of a chain has no meaning there. Give the store, or leave the name out.");
            }

            var folder = request.Store.OpenFolder();
            return request.DryRun ? new TrialFolder(folder, folder.Name) : folder;
        }

        return Find(
            request.DryRun ? request.Store.OpenTrial() : request.Store.Open(create: true), request, identity, trace,
            observer);
    }

    /// <summary>The same in a store that is open.</summary>
    public static StoreFolder Find(
        Store store, BackupRequest request, SourceIdentity identity, SourceTrace? trace = null, IRunObserver? observer = null) =>
        request.Chain is { } name ? ByName(store, name, identity) : ByIdentity(store, request.Source, identity, trace, observer);

    /// <summary>Refuses to continue a chain of another source, unless the user said to adopt it.</summary>
    public static void RequireSameSource(Chain chain, SourceIdentity identity, SourceLocation source, bool adopt)
    {
        if (chain.Tip is not { } tip || adopt || SourceIdentity.Matches(tip.Header.Identity, identity))
        {
            return;
        }

        throw TidemarkException.WrongUse(
            $"{chain.Folder.Name} is a chain of another source ({tip.Header.Identity.ToShortString()}), and {source} is "
            + $"{identity.ToShortString()}.",
            Advice.OtherChainOrAdopt);
    }

    private static bool IsChainFolder(StoreLocation place) => place.Exists && place.TryOpenFolder() is { } folder && Chain.IsChain(folder);

    private static StoreFolder ByName(Store store, string name, SourceIdentity identity)
    {
        StoreNames.Check(name);
        var folders = store.ListFolders();
        if (folders.Contains(name, StringComparer.Ordinal))
        {
            return store.OpenFolder(name);
        }

        // The folder may have another name by now; the chain still knows the one it was begun with.
        var renamed = Peek(store, folders, out var unknown).Where(c => c.Header.ChainName == name
            && SourceIdentity.Matches(c.Header.Identity, identity)).ToArray();
        return renamed.Length switch
        {
            0 when unknown is not null => throw unknown,
            0 => MakeNamed(store, name),
            1 => renamed[0].Folder,
            _ => throw Ambiguous(store, name, renamed),
        };
    }

    /// <summary>A folder of a name that a user gave, which must mean the chain wherever it is written.</summary>
    private static StoreFolder MakeNamed(Store store, string name)
    {
        if (AddressTail.LooksLikeOne(name))
        {
            throw TidemarkException.WrongUse(
                $"\"{name}\" can't be the name of a chain: it looks like the address of an image (CHAIN@SEQUENCE) or a partition (#N) of another one. "
                + "Give a name that doesn't end in such a way.");
        }

        // A chain may be carried to a machine with Windows.
        StoreNames.CheckWindows(name);
        return Make(store, name);
    }

    private static StoreFolder ByIdentity(Store store, SourceLocation source, SourceIdentity identity, SourceTrace? trace, IRunObserver? observer)
    {
        var folders = store.ListFolders();
        var its = Peek(store, folders, out var unknown).Where(c => SourceIdentity.Matches(c.Header.Identity, identity)).ToArray();

        // Chains begun with --chain are continued with --chain, unless the source has but one chain.
        var ordinary = its.Where(c => c.Header.ChainName.Length == 0).ToArray();
        if (ordinary.Length == 0 && unknown is not null)
        {
            throw unknown;
        }

        var candidates = ordinary.Length > 0 ? ordinary : its;

        // Of two sources with one id, the other's ordinary chain isn't this one's, where a chain made of this very one is there.
        if (trace is not null && its.Length > 1 && Array.TrueForAll(candidates, c => c.Trace.IsForeign(trace))
            && its.Where(c => c.Trace.IsSame(trace)).ToArray() is [var own])
        {
            observer?.Warn(
                $"{source} goes into {own.Folder.ShortName}, which was made of it; {candidates[0].Folder.ShortName} is of {candidates[0].Trace}, which "
                + "carries the same id.",
                Advice.NameChain);
            return own.Folder;
        }

        if (trace is not null && candidates.Length > 1 && candidates.Where(c => c.Trace.IsSame(trace)).ToArray() is [var agreed]
            && Array.TrueForAll(candidates, c => c == agreed || c.Trace.IsForeign(trace)))
        {
            return agreed.Folder;
        }

        return candidates.Length switch
        {
            0 => NewFolder(store, source, identity, folders),
            1 => candidates[0].Folder,
            _ => throw Ambiguous(store, source.Text, candidates),
        };
    }

    private static TidemarkException Ambiguous(Store store, string what, IEnumerable<Peeked> chains) =>
        TidemarkException.WrongUse(
            $"{store.Name} has several chains for {what}: {string.Join(", ", chains.Select(c => c.Folder.ShortName))}.",
            Advice.NameChain);

    /// <summary>The newest readable header of each folder that holds images.</summary>
    /// <param name="unknown">
    /// What to say if the chain isn't among them and there is a folder of which no image can be read: a disk's bad moment
    /// must not make a second chain of the source, or lead into another one of its chains.
    /// </param>
    private static List<Peeked> Peek(Store store, IEnumerable<string> folders, out TidemarkException? unknown)
    {
        unknown = null;
        List<Peeked> chains = [];
        foreach (var name in folders)
        {
            var folder = store.OpenFolder(name);
            string? problem = null;
            try
            {
                foreach (var group in ImageFiles.Read(folder).Images.Reverse())
                {
                    using var member = ChainMember.Open(folder, group);
                    problem = member.Problem;
                    if (member.Image is { } image)
                    {
                        chains.Add(new Peeked(folder, image.Header, SourceTrace.Of(image)));
                        break;
                    }
                }
            }
            catch (TidemarkException e) when (e.Error == TidemarkError.Failed)
            {
                // Another user's as a rule: this run could do nothing with it, whatever it holds.
                continue;
            }

            if (problem is not null && !IsBegun(folder))
            {
                unknown ??= TidemarkException.Damaged(
                    $"No image in {folder.Name} can be read, so it can't be told whether it is the chain to continue ({problem}) "
                    + "If it was the disk's mood, run again. Otherwise verify it; to begin another chain in spite of it, make a folder "
                    + "in the store.",
                    advice: Advice.NameChain);
            }
        }

        return chains;
    }

    /// <summary>
    /// A folder for a new chain. One that a run made before it died, or that another machine is filling right now, is the
    /// same chain's: its lock tells which of the two it is.
    /// </summary>
    private static StoreFolder NewFolder(Store store, SourceLocation source, SourceIdentity identity, IReadOnlyList<string> taken)
    {
        var stem = Stem(source, identity);
        var name = stem;
        for (var i = 2; ; i++)
        {
            if (taken.FirstOrDefault(t => string.Equals(t, name, StringComparison.OrdinalIgnoreCase)) is not { } there)
            {
                return Make(store, name);
            }

            // An image that wasn't there before was made while this run looked elsewhere.
            var folder = store.OpenFolder(there);
            if (IsBegun(folder) || Peek(store, [there], out _).Exists(
                c => c.Header.ChainName.Length == 0 && SourceIdentity.Matches(c.Header.Identity, identity)))
            {
                return folder;
            }

            name = string.Create(CultureInfo.InvariantCulture, $"{stem}-{i}");
        }
    }

    /// <summary>Whether nothing but an unfinished first image is in a folder.</summary>
    private static bool IsBegun(StoreFolder folder) => folder.List().All(
        e => ImageNames.TryParse(e.Name, out _, out var part) && part > 0);

    /// <summary>Makes a folder, or opens the one that another run made in the same moment.</summary>
    private static StoreFolder Make(Store store, string name)
    {
        try
        {
            return store.CreateFolder(name);
        }
        catch (TidemarkException) when (store.ListFolders().Contains(name))
        {
            return store.OpenFolder(name);
        }
    }

    /// <summary>A name that tells people which source it is: the last part of its path and the start of its id.</summary>
    private static string Stem(SourceLocation source, SourceIdentity identity)
    {
        var text = new StringBuilder();
        foreach (var c in source.ShortName)
        {
            text.Append(char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' ? c : '_');
        }

        var stem = text.ToString().TrimStart('.');
        stem = stem.Length == 0 ? "source" : stem[..Math.Min(stem.Length, MaxFolderName)];
        if (!identity.IsEmpty && identity.Items[0].Kind < IdentityKind.FileNode)
        {
            var value = identity.Items[0].Value;
            var id = new string([.. value[(value.IndexOf(':') + 1)..].Where(char.IsAsciiLetterOrDigit).Take(8)]);
            stem = $"{stem}-{id.ToLowerInvariant()}";
        }

        return stem;
    }

    private readonly record struct Peeked(StoreFolder Folder, ImageHeader Header, SourceTrace Trace);
}
