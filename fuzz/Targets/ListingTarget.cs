using System.Text;
using Tidemark.Engine.Files;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>What The Sleuth Kit lists of a file system, in which all names and numbers are the file system's.</summary>
internal static class ListingTarget
{
    private static readonly string[] Types = ["ext", "ntfs", "fat", "exfat"];

    internal static void Run(ReadOnlySpan<byte> input)
    {
        foreach (var line in Encoding.UTF8.GetString(input).Split('\n'))
        {
            foreach (var type in Types)
            {
                if (SleuthTree.Parse(line, type) is { } entry)
                {
                    FindException.Unless(entry.Size >= 0 && (entry.Kind == FileKind.Link) == (entry.Target is not null), $"{entry} makes no sense.");
                    FindException.Unless((entry.Mode & ~0xFFF) == 0, $"{entry} has the mode {entry.Mode}.");
                    _ = entry.Modified.Moment;
                    _ = FileEntry.IsPlainName(entry.Name);
                }
            }
        }
    }
}
