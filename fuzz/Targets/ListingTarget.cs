using System.Text;
using Tidemark.Engine.Files;
using Tidemark.Engine.Io;
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
                foreach (var inRoot in new[] { false, true })
                {
                    if (SleuthLine.Parse(line, type, inRoot) is not { } entry)
                    {
                        continue;
                    }

                    FindException.Unless(entry.Size >= 0 && (entry.Kind == FileKind.Link) == (entry.Target is not null), $"{entry} makes no sense.");
                    FindException.Unless((entry.Mode & ~0xFFF) == 0, $"{entry} has the mode {entry.Mode}.");
                    _ = entry.Modified.Moment;
                    _ = FileEntry.IsPlainName(entry.Name);
                }
            }
        }

        Structures(input);
    }

    // What is read of the file systems themselves, where the list leaves something out.
    private static void Structures(ReadOnlySpan<byte> input)
    {
        var files = new HashSet<long>();
        if (NtfsReparseIndex.ReadRoot(input, files) && NtfsReparseIndex.HasBlocks(input))
        {
            _ = NtfsReparseIndex.ReadBlocks(input, NtfsReparseIndex.BlockSize(input), files);
        }

        _ = NtfsReparseIndex.ReadBlocks(input[..(input.Length / 512 * 512)], 512, files);
        _ = ExfatFolder.Offsets(input);
        foreach (var name in ExtFolder.Names(input.ToArray()).SelectMany(group => group))
        {
            FindException.Unless(RawName.Decode(RawName.Encode(name)) == name, $"{name} isn't what its bytes are.");
        }

        var plain = new FileEntry("x", "64", FileKind.File, 0, 0, 0, 0, default, default);
        var entry = ReparsePoint.TryRead(input)?.Of(plain, () => true);
        FindException.Unless(entry is null || (entry.Kind == FileKind.Link) == (entry.Target is not null), $"{entry} makes no sense.");
        FindException.Unless(RawName.Encode(RawName.Decode(input)).AsSpan().SequenceEqual(input), "Bytes aren't what they were.");
    }
}
