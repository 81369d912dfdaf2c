using System.Globalization;
using Tidemark.Engine.Volumes;

namespace Tidemark.Engine.Operations.Points;

/// <summary>What stands behind a chain in the address of an image, as its text alone tells.</summary>
/// <param name="Latest">Whether the newest is named as such.</param>
internal readonly record struct AddressTail(bool Latest, long? Sequence, DateTimeOffset? At, int? Partition)
{
    private const string LatestWord = "latest";

    /// <summary>Nothing stands there.</summary>
    public static AddressTail None => default;

    /// <summary>Whether a name would be taken for an image or a partition of another chain behind a store's path.</summary>
    public static bool LooksLikeOne(string name) => Split(name, _ => false, out _) != name;

    /// <summary>Takes an address apart, and returns what names the chain.</summary>
    /// <param name="text">As the user gave it.</param>
    /// <param name="isThere">Whether a chain or store is at a place; there it ends.</param>
    /// <param name="tail">What stands behind it.</param>
    public static string Split(string text, Func<string, bool> isThere, out AddressTail tail)
    {
        tail = None;
        if (text.Length == 0 || isThere(text))
        {
            return text;
        }

        var hash = text.LastIndexOf('#');
        if (hash > 0 && int.TryParse(text.AsSpan(hash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
        {
            tail = tail with { Partition = number };
            text = text[..hash];
            if (isThere(text))
            {
                return text;
            }
        }

        var at = text.LastIndexOf('@');
        if (at <= 0)
        {
            return text;
        }

        var word = text.AsSpan(at + 1);
        AddressTail? found =
            word.Equals(LatestWord, StringComparison.OrdinalIgnoreCase) ? tail with { Latest = true }
            : long.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence) && sequence > 0 ? tail with { Sequence = sequence }
            : PointTime.TryParse(word, TimeProvider.System) is { } moment ? tail with { At = moment }
            : null;
        tail = found ?? tail;
        return found is null ? text : text[..at];
    }
}
