using System.Text;

namespace Tidemark.Engine.Allocation.Fat;

/// <summary>A short name as it is shown: eight characters, a dot and three (Microsoft FAT specification, section 6.1).</summary>
internal static class FatShortName
{
    /// <summary>Windows NT's bits for names that are in small letters but for what they are kept as.</summary>
    private const byte SmallBase = 0x08;
    private const byte SmallExtension = 0x10;

    /// <summary>Stands for the first byte of a name that would look deleted.</summary>
    private const byte Kanji = 0x05;

    public static string Of(FatEntry entry)
    {
        var bytes = entry.Bytes[..11].ToArray();
        if (bytes[0] == Kanji)
        {
            bytes[0] = 0xE5;
        }

        var name = Part(bytes.AsSpan(0, 8), (entry.Bytes[12] & SmallBase) != 0);
        var extension = Part(bytes.AsSpan(8), (entry.Bytes[12] & SmallExtension) != 0);
        return extension.Length == 0 ? name : $"{name}.{extension}";
    }

    // Above ASCII a character depends on the machine that wrote it: any will do, since a pattern can only have one for it.
    private static string Part(ReadOnlySpan<byte> bytes, bool isSmall)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (var b in bytes.TrimEnd((byte)' '))
        {
            text.Append(b >= 0x80 ? '\uFFFD' : isSmall ? char.ToLowerInvariant((char)b) : (char)b);
        }

        return text.ToString();
    }
}
