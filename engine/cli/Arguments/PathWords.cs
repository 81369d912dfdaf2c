using Tidemark.Engine.Locations;

namespace Tidemark.Cli.Arguments;

/// <summary>Settles the paths among the words of a command line before anything reads them (<see cref="UserPath"/>).</summary>
internal static class PathWords
{
    /// <summary>Verbs whose further words are paths within an image, where this machine's links mean nothing.</summary>
    private static readonly string[] ReadersOfImages = ["ls", "extract"];

    public static string[] Settle(string[] words)
    {
        var own = ReadersOfImages.Contains(words.FirstOrDefault());
        var image = own ? Array.FindIndex(words, 1, word => !word.StartsWith('-')) : -1;
        return [.. words.Select((word, index) =>
            word.StartsWith("--", StringComparison.Ordinal) && word.IndexOf('=', StringComparison.Ordinal) is > 0 and var sign
                ? string.Concat(word.AsSpan(0, sign + 1), UserPath.Settle(word[(sign + 1)..]))
                : !own || index == image || (index > 0 && words[index - 1].StartsWith("--", StringComparison.Ordinal)) ? UserPath.Settle(word) : word)];
    }
}
