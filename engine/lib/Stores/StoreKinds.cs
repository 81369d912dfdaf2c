namespace Tidemark.Engine.Stores;

/// <summary>The kinds of stores there are.</summary>
internal static class StoreKinds
{
    /// <summary>By the scheme before <c>://</c>; the empty one is a path of this system. One line a kind.</summary>
    private static readonly Dictionary<string, Func<string, StorePlace>> kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        [""] = path => new FolderPlace(path),
    };

    /// <summary>The place that a text names; null where there is no such kind of store.</summary>
    /// <param name="scheme">What stands before <c>://</c>; empty for a path.</param>
    /// <param name="text">All of the text.</param>
    /// <exception cref="TidemarkException">The text names no place of that kind.</exception>
    public static StorePlace? TryParse(string scheme, string text) => kinds.TryGetValue(scheme, out var parse) ? parse(text) : null;
}
