using System.Globalization;

namespace Tidemark.Fuzz.Running;

/// <summary>Words that mean something to a parser, as AFL++ and libFuzzer read them: lines of name="bytes", with \xNN.</summary>
internal static class Dictionary
{
    /// <summary>Where a dictionary lies.</summary>
    public static string FileOf(string name) => Path.Combine(Corpus.Root(), "dictionaries", name + ".dict");

    /// <summary>Its words, in order.</summary>
    /// <exception cref="FormatException">A line isn't a word.</exception>
    public static IReadOnlyList<byte[]> Read(string name) =>
        [.. File.ReadLines(FileOf(name)).Where(line => line.Length > 0 && line[0] != '#').Select(Word)];

    private static byte[] Word(string line)
    {
        var begin = line.IndexOf('"', StringComparison.Ordinal);
        if (begin < 0 || line[^1] != '"' || begin == line.Length - 1)
        {
            throw new FormatException($"'{line}' is no word of a dictionary.");
        }

        List<byte> bytes = [];
        for (var i = begin + 1; i < line.Length - 1; i++)
        {
            if (line[i] != '\\')
            {
                bytes.Add((byte)line[i]);
            }
            else if (line[i + 1] == 'x')
            {
                bytes.Add(byte.Parse(line.AsSpan(i + 2, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
                i += 3;
            }
            else
            {
                bytes.Add((byte)line[++i]);
            }
        }

        return [.. bytes];
    }
}
