namespace Tidemark.Engine.Keys;

/// <summary>
/// Why the bytes of a secret are probably others than its owner believes: editors write marks and two-byte letters that
/// nobody sees, and another program, or the same passphrase typed elsewhere, doesn't open the chain then.
/// </summary>
internal static class SecretFlaw
{
    /// <summary>Of the text of a passphrase; null where there is nothing to say.</summary>
    public static string? OfText(ReadOnlySpan<byte> text) => OfMark(text)
        ?? (text.Contains((byte)0) ? "it holds zero bytes, as text in UTF-16 does, so it isn't the text that it seems to be" : null);

    /// <summary>Of a key file, whose bytes may be any; null where there is nothing to say.</summary>
    public static string? OfKey(ReadOnlySpan<byte> key)
    {
        if (!key.IsEmpty && !key.ContainsAnyExcept(key[0]))
        {
            return "all its bytes are the same, so anybody can guess it";
        }

        // Random bytes have zeros, but not every other one.
        return OfMark(key) is { } mark && (key.StartsWith(Utf8Mark) || key.Count((byte)0) >= key.Length / 4) ? mark : null;
    }

    private static ReadOnlySpan<byte> Utf8Mark => [0xEF, 0xBB, 0xBF];

    // The Unicode Standard, section 23.8, "Byte Order Mark"; those of UTF-32 hold zeros besides.
    private static string? OfMark(ReadOnlySpan<byte> text) =>
        text.StartsWith(Utf8Mark) ? "it begins with a byte order mark (UTF-8), which nobody sees and which counts"
        : text.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xFE]) || text.StartsWith((ReadOnlySpan<byte>)[0xFE, 0xFF])
            ? "it begins with a byte order mark (UTF-16), which nobody sees and which counts"
        : null;
}
