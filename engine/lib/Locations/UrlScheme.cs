namespace Tidemark.Engine.Locations;

/// <summary>
/// What stands before <c>://</c>. Such a text is never a path, whatever is there: what a command means must not depend on a
/// folder that somebody made. A file of that very name is <c>./s3://…</c>.
/// </summary>
internal static class UrlScheme
{
    private const string Separator = "://";

    /// <summary>The scheme (RFC 3986, section 3.1: a letter, then letters, digits, "+", "-", "."); empty for a path.</summary>
    public static string Of(string text)
    {
        var end = text.IndexOf(Separator, StringComparison.Ordinal);

        // One letter is a drive of Windows.
        return end > 1 && char.IsAsciiLetter(text[0]) && text.AsSpan(0, end).IndexOfAnyExcept(Scheme) < 0 ? text[..end] : "";
    }

    /// <exception cref="TidemarkException">The text has a scheme; whoever knows it has taken it before.</exception>
    public static void Refuse(string text, string instead)
    {
        if (Of(text) is { Length: > 0 } scheme)
        {
            throw Unsupported(text, scheme, instead);
        }
    }

    public static TidemarkException Unsupported(string text, string scheme, string instead) => TidemarkException.WrongUse(
        $"{text} is an address, and {scheme.ToLowerInvariant()}{Separator} isn't supported here. {instead} A path of that very name begins with ./.");

    private static readonly System.Buffers.SearchValues<char> Scheme =
        System.Buffers.SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");
}
