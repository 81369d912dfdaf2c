using System.Globalization;

namespace Tidemark.Engine.Format;

/// <summary>
/// File names in a chain's folder: <c>000003.tdi</c> is image 3, or the head of it, <c>000003.002.ID.tdi</c> its part 2
/// (ID is the image's, so that two extents never meet in one file; in images from before that, <c>000003.002.tdi</c>),
/// <c>000003.001.tdr</c> its first repair file, <c>000003.001.tdh</c> its first healing image.
/// </summary>
internal static class ImageNames
{
    public const string Extension = ".tdi";

    public const string RepairExtension = ".tdr";

    public const string HealingExtension = ".tdh";

    /// <summary>Digits of an id in a name.</summary>
    private const int IdLength = 32;

    /// <summary>Part 0 has the plain name, whatever the image: that it gets it is the commit.</summary>
    /// <param name="image">The image's id; none in images whose parts aren't named by it.</param>
    public static string Part(long sequence, int part, Guid image = default) =>
        part == 0 ? string.Create(CultureInfo.InvariantCulture, $"{sequence:D6}{Extension}")
        : image == default ? string.Create(CultureInfo.InvariantCulture, $"{sequence:D6}.{part:D3}{Extension}")
        : string.Create(CultureInfo.InvariantCulture, $"{sequence:D6}.{part:D3}.{image:N}{Extension}");

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

    /// <summary>Tells an image's first file (part 0) and its further parts from everything else.</summary>
    public static bool TryParse(string name, out long sequence, out int part) => TryParse(name, out sequence, out part, out _);

    /// <inheritdoc cref="TryParse(string, out long, out int)"/>
    /// <param name="image">The image that names the part; empty for a first file, and for a part that is named by its number alone.</param>
    public static bool TryParse(string name, out long sequence, out int part, out Guid image)
    {
        sequence = 0;
        part = 0;
        image = default;
        if (!name.EndsWith(Extension, StringComparison.Ordinal))
        {
            return false;
        }

        var stem = name.AsSpan(0, name.Length - Extension.Length);
        var dot = stem.IndexOf('.');
        if (dot >= 0)
        {
            var rest = stem[(dot + 1)..];
            var second = rest.IndexOf('.');
            if (second >= 0 && !(rest.Length - second - 1 == IdLength && Guid.TryParseExact(rest[(second + 1)..], "N", out image) && image != default))
            {
                return false;
            }

            if (!int.TryParse(second < 0 ? rest : rest[..second], NumberStyles.None, CultureInfo.InvariantCulture, out part) || part == 0)
            {
                return false;
            }
        }

        return long.TryParse(dot < 0 ? stem : stem[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out sequence)
            && name == Part(sequence, part, image);
    }
}
