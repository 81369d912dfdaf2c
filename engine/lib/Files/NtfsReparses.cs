using System.Globalization;

namespace Tidemark.Engine.Files;

/// <summary>The reparse points of an NTFS volume, which The Sleuth Kit lists as the files and folders that they would be without.</summary>
internal sealed class NtfsReparses(SleuthContent content)
{
    /// <summary>The number of the folder $Extend.</summary>
    private const string Extend = "11";

    private const string IndexName = "$Reparse:$R";

    /// <summary>A mebibyte of index has some thirty thousand; this is more than a volume has files.</summary>
    private const int MostIndex = 1 << 30;

    /// <summary>The bound on a reparse point's data ([MS-FSCC] 2.1.2.2: 16 KiB) with its header.</summary>
    private const int MostData = (16 << 10) + 64;

    private readonly Lazy<HashSet<long>?> files = new(() => ReadIndex(content));

    /// <summary>A file or folder as it is with its reparse point, if it has one.</summary>
    public FileEntry Of(FileEntry entry)
    {
        var number = SleuthLine.NumberOf(entry.Handle);
        // Without an index each is asked.
        if (!long.TryParse(number, CultureInfo.InvariantCulture, out var file) || files.Value?.Contains(file) == false)
        {
            return entry;
        }

        return content.TryRead($"{number}-192", MostData, out _) is { } data && ReparsePoint.TryRead(data) is { } point
            ? point.Of(entry, () => IsHere(number))
            : entry;
    }

    // A file that a cloud took away keeps its size and has a hole for content.
    private bool IsHere(string number)
    {
        var lines = content.Describe(number).Output.Split('\n').SkipWhile(line => !line.StartsWith("Type: $DATA ", StringComparison.Ordinal)).ToArray();
        if (lines.Length == 0)
        {
            return false;
        }

        var words = lines[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var size = After("size:");
        return lines[0].Contains("Name: N/A", StringComparison.Ordinal) && size is not null
            && (words.Contains("Resident") || After("init_size:") == size)
            && !lines.TakeWhile((line, i) => i == 0 || !line.StartsWith("Type:", StringComparison.Ordinal))
                .Any(line => line.Contains("Sparse", StringComparison.Ordinal));

        string? After(string word) => words.SkipWhile(w => w != word).Skip(1).FirstOrDefault();
    }

    private static HashSet<long>? ReadIndex(SleuthContent content)
    {
        // "r/r 26-144-2:	$Reparse:$R"
        var line = content.List(["-u"], Extend).Output.Split('\n').FirstOrDefault(line => line.EndsWith($"\t{IndexName}", StringComparison.Ordinal));
        if (line?.Split(' ') is not [_, var address] || content.TryRead(address.Split(':')[0], MostIndex, out _) is not { } root)
        {
            return null;
        }

        var found = new HashSet<long>();
        if (!NtfsReparseIndex.ReadRoot(root, found))
        {
            return null;
        }

        if (!NtfsReparseIndex.HasBlocks(root))
        {
            return found;
        }

        return content.TryRead($"{SleuthLine.NumberOf(address)}-160", MostIndex, out _) is { } blocks
            && NtfsReparseIndex.ReadBlocks(blocks, NtfsReparseIndex.BlockSize(root), found) ? found : null;
    }
}
