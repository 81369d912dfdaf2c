namespace Tidemark.Engine;

/// <summary>Tells ids that name something from those that don't.</summary>
internal static class KnownId
{
    /// <summary>
    /// Whether a text that is to name something does. One whose digits are all the same is on unrelated things alike: the
    /// zeros of what was never set, the ones of erased flash, what somebody typed into a template. Where the text has a
    /// type before a colon, or a place behind an <c>@</c> or a slash, the id between them counts.
    /// </summary>
    public static bool IsId(string text)
    {
        var id = text.AsSpan(text.IndexOf(':', StringComparison.Ordinal) + 1);
        var end = id.IndexOfAny('@', '/');
        id = end < 0 ? id : id[..end];
        char? first = null;
        var digits = 0;
        foreach (var c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c))
            {
                continue;
            }

            var digit = char.ToLowerInvariant(c);
            if (digit != (first ??= digit))
            {
                return true;
            }

            digits++;
        }

        // A single digit repeats nothing; only zero says that nothing was set.
        return digits == 1 && first != '0';
    }

    /// <summary>The same of an id in a structure.</summary>
    public static bool IsId(Guid id) => IsId(id.ToString("N"));
}
