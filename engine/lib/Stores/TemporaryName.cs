using System.Buffers;
using System.Text;

namespace Tidemark.Engine.Stores;

/// <summary>
/// What a file of a folder is called while it is written: its name, a dot, 32 hexadecimal digits drawn for this writing, and
/// <c>.tmp</c>. Where that is longer than names may be, the digits alone stand before <c>.tmp</c>.
/// </summary>
internal static class TemporaryName
{
    public const string Extension = ".tmp";

    private const int IdLength = 32;

    private static readonly SearchValues<char> digits = SearchValues.Create("0123456789abcdef");

    public static string New(string name)
    {
        var tail = $"{Guid.NewGuid():N}{Extension}";
        return Encoding.UTF8.GetByteCount(name) + 1 + tail.Length <= StoreNames.MaxBytes ? $"{name}.{tail}" : tail;
    }

    /// <summary>Takes such a name apart.</summary>
    /// <param name="name">The name that the file would get; empty where that isn't told.</param>
    public static bool TryParse(string temporary, out string name)
    {
        name = "";
        var stem = temporary.EndsWith(Extension, StringComparison.Ordinal) ? temporary[..^Extension.Length] : "";
        if (stem.Length < IdLength || stem.AsSpan(stem.Length - IdLength).ContainsAnyExcept(digits))
        {
            return false;
        }

        if (stem.Length == IdLength)
        {
            return true;
        }

        if (stem[^(IdLength + 1)] != '.' || stem.Length == IdLength + 1)
        {
            return false;
        }

        name = stem[..^(IdLength + 1)];
        return true;
    }
}
