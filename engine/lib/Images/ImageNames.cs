using System.Globalization;

namespace Tidemark.Engine.Images;

/// <summary>
/// File names in a chain's folder: <c>000003.tdi</c> is image 3, <c>000003.002.tdi</c> its part 2 (the first has no
/// number), and a name that ends in <c>.tmp</c> belongs to an image that was never committed.
/// </summary>
internal static class ImageNames
{
    public const string Extension = ".tdi";

    public const string TemporaryExtension = ".tmp";

    /// <summary>Part 0 has the plain name: its rename is what commits an image.</summary>
    public static string Part(long sequence, int part) => part == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{sequence:D6}{Extension}")
        : string.Create(CultureInfo.InvariantCulture, $"{sequence:D6}.{part:D3}{Extension}");

    /// <summary>The name a part is written under; the image id keeps two runs from meeting in one file.</summary>
    public static string Temporary(long sequence, int part, Guid imageId) =>
        $"{Part(sequence, part)}.{imageId:N}{TemporaryExtension}";

    public static bool IsTemporary(string name) => name.EndsWith(TemporaryExtension, StringComparison.Ordinal)
        && name.Contains(Extension + ".", StringComparison.Ordinal);

    /// <summary>Tells an image's first file (part 0) and its further parts from everything else.</summary>
    public static bool TryParse(string name, out long sequence, out int part)
    {
        sequence = 0;
        part = 0;
        if (!name.EndsWith(Extension, StringComparison.Ordinal))
        {
            return false;
        }

        var stem = name.AsSpan(0, name.Length - Extension.Length);
        var dot = stem.IndexOf('.');
        if (dot >= 0 && (!int.TryParse(stem[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out part) || part == 0))
        {
            return false;
        }

        return long.TryParse(dot < 0 ? stem : stem[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out sequence)
            && name == Part(sequence, part);
    }

    /// <summary>Takes a temporary name apart.</summary>
    public static bool TryParseTemporary(string name, out long sequence, out int part, out Guid imageId)
    {
        sequence = 0;
        part = 0;
        imageId = default;
        if (!name.EndsWith(TemporaryExtension, StringComparison.Ordinal))
        {
            return false;
        }

        var stem = name.AsSpan(0, name.Length - TemporaryExtension.Length);
        var dot = stem.LastIndexOf('.');
        return dot > 0
            && Guid.TryParseExact(stem[(dot + 1)..], "N", out imageId)
            && TryParse(stem[..dot].ToString(), out sequence, out part);
    }
}
