namespace Tidemark.Cli.Arguments;

/// <summary>Guesses which of the known words somebody meant: a verb or an option that was cut short or mistyped.</summary>
internal static class NearestWord
{
    /// <summary>One letter of three may be wrong; with more, a guess is more often a nuisance than a help.</summary>
    private const int LettersPerError = 3;

    /// <summary>Whatever is longer than the longest word that is known with all its errors needs no comparison.</summary>
    private const int MaxLength = 64;

    /// <summary>The nearest word; null where none is near.</summary>
    public static string? Find(string word, IEnumerable<string> known)
    {
        var meant = Plain(word);
        if (meant.Length is 0 or > MaxLength)
        {
            return null;
        }

        var candidates = known.Select(k => (Word: k, Plain: Plain(k))).ToArray();

        // The beginning of a word, or a word with more behind it, is meant before one with other letters.
        var begun = candidates.Where(c => c.Plain.StartsWith(meant, StringComparison.Ordinal)).OrderBy(c => c.Plain.Length).FirstOrDefault().Word;
        if (begun is not null)
        {
            return begun;
        }

        var (nearest, errors) = candidates.Select(c => (c.Word, Errors: Distance(meant, c.Plain))).OrderBy(c => c.Errors).FirstOrDefault();
        return nearest is not null && errors <= Math.Max(1, meant.Length / LettersPerError) && errors < meant.Length
            ? nearest
            : candidates.Select(c => (c.Word, Shared: c.Plain.AsSpan().CommonPrefixLength(meant))).Where(c => c.Shared > LettersPerError)
                .OrderByDescending(c => c.Shared).FirstOrDefault().Word;
    }

    /// <summary>Letters and digits alone: dashes and case are what people get wrong first.</summary>
    private static string Plain(string word) => string.Concat(word.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    /// <summary>Letters to insert, remove, replace or swap with their neighbour (the optimal string alignment distance).</summary>
    private static int Distance(string one, string other)
    {
        var rows = new int[one.Length + 1, other.Length + 1];
        for (var i = 0; i <= one.Length; i++)
        {
            rows[i, 0] = i;
        }

        for (var j = 0; j <= other.Length; j++)
        {
            rows[0, j] = j;
        }

        for (var i = 1; i <= one.Length; i++)
        {
            for (var j = 1; j <= other.Length; j++)
            {
                var replaced = rows[i - 1, j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1);
                var best = Math.Min(replaced, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
                {
                    best = Math.Min(best, rows[i - 2, j - 2] + 1);
                }

                rows[i, j] = best;
            }
        }

        return rows[one.Length, other.Length];
    }
}
