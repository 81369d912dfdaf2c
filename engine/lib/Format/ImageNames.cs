using System.Globalization;

namespace Tidemark.Engine.Format;

/// <summary>
/// File names in a chain's folder: <c>000003.tdi</c> is image 3, <c>000003.002.tdi</c> its part 2 (the first has no
/// number), <c>000003.001.tdr</c> its first repair file, <c>000003.001.tdh</c> its first healing image, and a name that
/// ends in <c>.tmp</c> belongs to a file that was never committed.
/// </summary>
internal static class ImageNames
{
    public const string Extension = ".tdi";

    public const string RepairExtension = ".tdr";

    public const string HealingExtension = ".tdh";

    public const string TemporaryExtension = ".tmp";

    /// <summary>Part 0 has the plain name: its rename is what commits an image.</summary>
    public static string Part(long sequence, int part) => part == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{sequence:D6}{Extension}")
        : string.Create(CultureInfo.InvariantCulture, $"{sequence:D6}.{part:D3}{Extension}");

    /// <summary>The name a part is written under; the image id keeps two runs from meeting in one file.</summary>
    public static string Temporary(long sequence, int part, Guid imageId) =>
        $"{Part(sequence, part)}.{imageId:N}{TemporaryExtension}";

    /// <summary>The name of an image's repair file or healing image, numbered from 1.</summary>
    public static string Aside(long sequence, int number, string extension) =>
        string.Create(CultureInfo.InvariantCulture, $"{sequence:D6}.{number:D3}{extension}");

    /// <summary>Takes the name of a repair file or healing image apart.</summary>
    public static bool TryParseAside(string name, string extension, out long sequence, out int number)
    {
        sequence = 0;
        number = 0;
        var stem = name.EndsWith(extension, StringComparison.Ordinal) ? name.AsSpan(0, name.Length - extension.Length) : default;
        var dot = stem.IndexOf('.');
        return dot > 0
            && long.TryParse(stem[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out sequence)
            && int.TryParse(stem[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && sequence > 0 && number > 0
            && name == Aside(sequence, number, extension);
    }

    public static bool IsTemporary(string name) => name.EndsWith(TemporaryExtension, StringComparison.Ordinal)
        && (name.Contains(Extension + ".", StringComparison.Ordinal)
            || name.Contains(RepairExtension + ".", StringComparison.Ordinal)
            || name.Contains(HealingExtension + ".", StringComparison.Ordinal));

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
