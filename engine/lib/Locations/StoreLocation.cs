using Tidemark.Engine.Stores;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Locations;

/// <summary>Where a store or a chain is, made once of what the user wrote; nothing behind it reads the text again.</summary>
public sealed class StoreLocation
{
    private readonly StorePlace place;

    private StoreLocation(string text, StorePlace place)
    {
        Text = text;
        this.place = place;
    }

    /// <summary>What messages and results call it: as it was given, or where that leads if its text and the system differ.</summary>
    public string Text { get; }

    /// <summary>Whether a store or a chain can be there.</summary>
    internal bool Exists => place.Exists;

    /// <summary>The folder of this system that it is; null where it lies elsewhere.</summary>
    internal string? LocalPath => place.LocalPath;

    /// <summary>Reads a place as a user gives it: the path of a folder.</summary>
    /// <exception cref="TidemarkException">The text can't be such a place.</exception>
    public static StoreLocation Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        UserPath.RequireText(text);

        var scheme = UrlScheme.Of(text);
        var settled = scheme.Length == 0 ? UserPath.Settle(text) : text;
        return new StoreLocation(settled, StoreKinds.TryParse(scheme, settled)
            ?? throw UrlScheme.Unsupported(text, scheme, "Give a folder, perhaps one at which that is mounted."));
    }

    /// <summary>A store that is open already.</summary>
    internal static StoreLocation Of(Store store) => new(store.Name, new OpenPlace(store, null));

    /// <summary>The chain in a folder that is open already.</summary>
    internal static StoreLocation Of(StoreFolder folder) => new(folder.Name, new OpenPlace(null, folder));

    public override string ToString() => Text;

    /// <summary>Opens it as a store, in which there may be chains.</summary>
    /// <param name="create">Whether it is made where it isn't there.</param>
    /// <exception cref="TidemarkException">It isn't there, or can't be opened or made.</exception>
    internal Store Open(bool create = false) => place.Open(create);

    /// <summary>Opens it as a store of which nothing is changed and that need not be there yet.</summary>
    /// <exception cref="TidemarkException">It can't be opened, or couldn't be made.</exception>
    internal Store OpenTrial() => place.OpenTrial();

    /// <summary>Opens it as the folder of a chain.</summary>
    /// <exception cref="TidemarkException">It isn't there, or can't be opened.</exception>
    internal StoreFolder OpenFolder() =>
        TryOpenFolder() ?? throw TidemarkException.WrongUse($"{Text} is a store and no chain. Give a chain in it.");

    /// <summary>The same; null where nothing but a store can be.</summary>
    /// <exception cref="TidemarkException">It isn't there, or can't be opened.</exception>
    internal StoreFolder? TryOpenFolder() => place.TryOpenFolder();

    /// <summary>Refuses a place at which no folder may come into being.</summary>
    /// <exception cref="TidemarkException">It stands for something else.</exception>
    internal void RequirePlace()
    {
        if (LocalPath is { } path)
        {
            OutputPath.Require(path);
        }
    }

    /// <summary>Whether both mean one place, whatever path leads to it.</summary>
    internal bool IsSame(StoreLocation other) => ReferenceEquals(this, other) || Text == other.Text || (LocalPath is { } mine
        && other.LocalPath is { } theirs && PathStatus.TryOf(mine)?.Storage is { } storage && PathStatus.TryOf(theirs)?.Storage == storage);
}
