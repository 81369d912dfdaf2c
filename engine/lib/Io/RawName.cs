using System.Buffers;
using System.Globalization;
using System.Text;

namespace Tidemark.Engine.Io;

/// <summary>
/// Names of files as Linux keeps them: bytes, which needn't be UTF-8. In a string a byte that isn't stands as the lone
/// surrogate U+DC00 and the byte (PEP 383, "surrogateescape"), so that no two names fall together and each comes back as
/// it was; calls of the system take such strings.
/// </summary>
public static class RawName
{
    private const char First = '\uDC80';
    private const char Last = '\uDCFF';
    private const char Base = '\uDC00';

    /// <summary>A name of bytes.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        Span<char> pair = stackalloc char[2];
        while (bytes.Length > 0)
        {
            if (Rune.DecodeFromUtf8(bytes, out var rune, out var used) == OperationStatus.Done)
            {
                text.Append(pair[..rune.EncodeToUtf16(pair)]);
            }
            else
            {
                foreach (var octet in bytes[..used])
                {
                    text.Append((char)(Base + octet));
                }
            }

            bytes = bytes[used..];
        }

        return text.ToString();
    }

    /// <summary>The bytes of a name.</summary>
    public static byte[] Encode(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var bytes = new List<byte>(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            if (IsByte(name, i))
            {
                bytes.Add((byte)(name[i] - Base));
                continue;
            }

            var length = char.IsSurrogatePair(name, i) ? 2 : 1;
            bytes.AddRange(Encoding.UTF8.GetBytes(name, i, length));
            i += length - 1;
        }

        return [.. bytes];
    }

    /// <summary>Whether a name is text, and no bytes of anything else.</summary>
    public static bool IsText(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return !Enumerable.Range(0, name.Length).Any(i => IsByte(name, i));
    }

    /// <summary>The name for people: bytes that are no text as "\xE9".</summary>
    public static string Visible(string name) => IsText(name) ? name : string.Concat(name.Select((c, i) => IsByte(name, i) ? Escaped(c - Base) : c.ToString()));

    /// <summary>A byte or character that isn't shown as it is.</summary>
    /// <param name="value">0 to 255.</param>
    public static string Escaped(int value) => string.Create(CultureInfo.InvariantCulture, $"\\x{value:X2}");

    private static bool IsByte(string name, int at) =>
        name[at] is >= First and <= Last && (at == 0 || !char.IsHighSurrogate(name[at - 1]));
}
