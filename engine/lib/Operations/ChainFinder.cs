using System.Globalization;
using System.Text;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Images;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations;

/// <summary>
/// Finds the chain that a backup continues: by its name if one is given, else by what the source is known by. Folders
/// may have been moved, copied or renamed since; only their content counts.
/// </summary>
internal static class ChainFinder
{
    /// <summary>Bytes of a folder's name that Tidemark makes; file systems take 255.</summary>
    private const int MaxFolderName = 60;

    /// <summary>The folder to continue, or a new one where the store has no chain for the source.</summary>
    public static StoreFolder Find(BackupRequest request, SourceIdentity identity)
    {
        if (IsChainFolder(request.Store))
        {
            if (request.Chain is not null)
            {
                throw TidemarkException.WrongUse(
                    $"{request.Store} is a chain's folder, so --chain has no meaning there. Give the store, or leave --chain out.");
            }

            return LocalStoreFolder.Open(request.Store);
        }

        return Find(FolderStore.Open(request.Store, create: true), request, identity);
    }

    /// <summary>The same in a store that is open.</summary>
    public static StoreFolder Find(Store store, BackupRequest request, SourceIdentity identity) =>
        request.Chain is { } name ? ByName(store, name, identity) : ByIdentity(store, request.Source, identity);

    /// <summary>Refuses to continue a chain of another source, unless the user said to adopt it.</summary>
    public static void RequireSameSource(Chain chain, SourceIdentity identity, string source, bool adopt)
    {
        if (chain.Tip is not { } tip || adopt || SourceIdentity.Matches(tip.Header.Identity, identity))
        {
            return;
        }

        throw TidemarkException.WrongUse(
            $"{chain.Folder.Name} is a chain of another source ({tip.Header.Identity.ToShortString()}), and {source} is "
            + $"{identity.ToShortString()}. Give another --chain, or --adopt if the chain shall go on with this source.");
    }

    private static bool IsChainFolder(string path) =>
        Directory.Exists(path) && Chain.IsChain(LocalStoreFolder.Open(path));

    private static StoreFolder ByName(Store store, string name, SourceIdentity identity)
    {
        StoreNames.Check(name);
        var folders = store.ListFolders();
        if (folders.Contains(name, StringComparer.Ordinal))
        {
            return store.OpenFolder(name);
        }

        // The folder may have another name by now; the chain still knows the one it was begun with.
        var renamed = Peek(store, folders).Where(c => c.Header.ChainName == name
            && SourceIdentity.Matches(c.Header.Identity, identity)).ToArray();
        return renamed.Length switch
        {
            0 => store.CreateFolder(name),
            1 => renamed[0].Folder,
            _ => throw Ambiguous(store, name, renamed),
        };
    }

    private static StoreFolder ByIdentity(Store store, string source, SourceIdentity identity)
    {
        var folders = store.ListFolders();
        var its = Peek(store, folders).Where(c => SourceIdentity.Matches(c.Header.Identity, identity)).ToArray();

        // Chains begun with --chain are continued with --chain, unless the source has but one chain.
        var ordinary = its.Where(c => c.Header.ChainName.Length == 0).ToArray();
        var candidates = ordinary.Length > 0 ? ordinary : its;
        return candidates.Length switch
        {
            0 => store.CreateFolder(NewName(source, identity, folders)),
            1 => candidates[0].Folder,
            _ => throw Ambiguous(store, source, candidates),
        };
    }

    private static TidemarkException Ambiguous(Store store, string what, IEnumerable<Peeked> chains) =>
        TidemarkException.WrongUse(
            $"{store.Name} has several chains for {what}: {string.Join(", ", chains.Select(c => c.Folder.ShortName))}. "
            + "Say which one with --chain and its folder's name.");

    /// <summary>The newest readable header of each folder that holds images.</summary>
    private static IEnumerable<Peeked> Peek(Store store, IEnumerable<string> folders)
    {
        foreach (var name in folders)
        {
            var folder = store.OpenFolder(name);
            foreach (var group in ImageFiles.Group(folder.List()).Reverse())
            {
                using var member = ChainMember.Open(folder, group);
                if (member.Image is { } image)
                {
                    yield return new Peeked(folder, image.Header);
                    break;
                }
            }
        }
    }

    /// <summary>A name that tells people which source it is: the last part of its path and the start of its id.</summary>
    private static string NewName(string source, SourceIdentity identity, IReadOnlyList<string> taken)
    {
        var text = new StringBuilder();
        foreach (var c in LastPart(source))
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

        var name = stem;
        for (var i = 2; taken.Contains(name, StringComparer.OrdinalIgnoreCase); i++)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{stem}-{i}");
        }

        return name;
    }

    private static string LastPart(string source)
    {
        if (OperatingSystem.IsWindows() && WindowsPlace.Parse(source) is { IsDevice: true } place)
        {
            // "C" and "PhysicalDrive1"; of a volume's GUID nothing: the identity behind the name says more.
            return place.Device[(place.Device.LastIndexOf('\\') + 1)..].Split(':', '{')[0];
        }

        return Path.GetFileName(Path.TrimEndingDirectorySeparator(source));
    }

    private readonly record struct Peeked(StoreFolder Folder, ImageHeader Header);
}
