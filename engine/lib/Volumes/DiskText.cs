using System.Globalization;
using System.Text;

namespace Tidemark.Engine.Volumes;

/// <summary>
/// Text found on disks: cut at the first NUL, blanks at its end dropped, and free of characters that would steer a
/// terminal or turn the direction of what is printed around it.
/// </summary>
internal static class DiskText
{
    /// <summary>Text in UTF-8; bytes that aren't become replacement characters. Null where nothing is left.</summary>
    public static string? Utf8(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        return Clean(Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]));
    }

    /// <summary>Text in UTF-16, little-endian. Null where nothing is left.</summary>
    public static string? Utf16(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.Unicode.GetString(bytes);
        var end = text.IndexOf('\0', StringComparison.Ordinal);
        return Clean(end < 0 ? text : text[..end]);
    }

    /// <summary>Text in an unknown 8-bit code page, of which ASCII is certain. Null where nothing is left.</summary>
    public static string? Ascii(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        return Clean(Encoding.ASCII.GetString(end < 0 ? bytes : bytes[..end]));
    }

    public static string? Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            clean.Append(Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
                ? Rune.ReplacementChar
                : rune);
        }

        var result = clean.ToString().TrimEnd();
        return result.Length == 0 ? null : result;
    }

    /// <summary>A UUID stored as sixteen bytes in the order they are printed (RFC 9562); null if all are zero.</summary>
    public static string? Uuid(ReadOnlySpan<byte> bytes) =>
        bytes.ContainsAnyExcept((byte)0) ? new Guid(bytes, bigEndian: true).ToString("D") : null;
}
