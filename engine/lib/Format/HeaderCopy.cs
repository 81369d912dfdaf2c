namespace Tidemark.Engine.Format;

/// <summary>
/// A copy of an image's header page that its metadata carry, so that a lost header can be made again bit for bit: the
/// pieces that aren't zeros, each with offset u16, length u16, bytes (FORMAT.md, "Metadata").
/// </summary>
internal static class HeaderCopy
{
    /// <summary>Zeros that end a piece; a shorter gap costs less than another piece.</summary>
    private const int Gap = 8;

    public static string Write(ReadOnlySpan<byte> page)
    {
        var bytes = new byte[page.Length * 2];
        var at = 0;
        for (var start = 0; start < page.Length;)
        {
            var skip = page[start..].IndexOfAnyExcept((byte)0);
            if (skip < 0)
            {
                break;
            }

            start += skip;
            var end = start;
            while (end < page.Length && !Layout.AllZero(page.Slice(end, Math.Min(Gap, page.Length - end))))
            {
                end++;
            }

            Layout.U16(bytes, at, (ushort)start);
            Layout.U16(bytes, at + 2, (ushort)(end - start));
            page[start..end].CopyTo(bytes.AsSpan(at + 4));
            at += 4 + end - start;
            start = end;
        }

        return Convert.ToBase64String(bytes, 0, at);
    }

    /// <summary>Null if the text isn't a copy of a page.</summary>
    public static byte[]? TryRead(string? text)
    {
        var bytes = new byte[ImageFormat.HeaderSize * 2];
        if (text is null || text.Length > bytes.Length * 2 || !Convert.TryFromBase64String(text, bytes, out var length))
        {
            return null;
        }

        var page = new byte[ImageFormat.HeaderSize];
        for (var at = 0; at < length;)
        {
            if (length - at < 4)
            {
                return null;
            }

            int start = Layout.U16(bytes, at);
            int count = Layout.U16(bytes, at + 2);
            if (count > length - at - 4 || start + count > page.Length)
            {
                return null;
            }

            bytes.AsSpan(at + 4, count).CopyTo(page.AsSpan(start));
            at += 4 + count;
        }

        return page;
    }
}
