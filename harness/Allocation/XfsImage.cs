using System.Globalization;
using System.Text.RegularExpressions;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.Allocation;

/// <summary>An XFS in a file, and what its own tools say of it.</summary>
internal static partial class XfsImage
{
    public static void Require()
    {
        Mount.Require("xfs");
        Tool.Require("mkfs.xfs", "xfs_db", "xfs_repair", "xfs_io", "fsfreeze", "fallocate");
    }

    /// <summary>Makes one. Small ones are for tests only, mkfs.xfs says, and wants to be told that it is in one.</summary>
    /// <param name="path">The file; what was there goes.</param>
    /// <param name="size">Its size, as truncate takes it.</param>
    /// <param name="options">Of mkfs.xfs, with blanks between.</param>
    public static void Make(string path, string size, string options)
    {
        var environment = new Dictionary<string, string?> { ["TEST_DIR"] = "1", ["TEST_DEV"] = "1", ["QA_CHECK_FS"] = "1" };
        File.Delete(path);
        Tool.Run("truncate", "--size", size, path);
        string[] arguments = ["-q", "-f", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), path];
        Tool.Start("mkfs.xfs", arguments, Patience.Limit, environment: environment).Succeeded();
    }

    /// <summary>
    /// What its trees call free, by xfs_db. That calls blocks of the free lists free too, one by one and before a group's others; a
    /// block of such a list may be next to a free extent, but is never within one.
    /// </summary>
    public static IReadOnlyList<(long Offset, long Length)> Free(string path)
    {
        var superblock = Print(path, "sb 0", "p blocksize agblocks agcount");
        var (blockSize, groupBlocks, groups) = (superblock["blocksize"], superblock["agblocks"], superblock["agcount"]);
        var listed = new HashSet<(long Group, long Block)>();
        var commands = new List<string>();
        for (var group = 0; group < groups; group++)
        {
            commands.AddRange([Text($"agf {group}"), "p flfirst fllast flcount", Text($"agfl {group}"), "p bno"]);
        }

        var output = Db(path, [.. commands]);
        var lists = ListField().Matches(output);
        for (var group = 0; group < groups; group++)
        {
            var first = Number(lists[group].Groups[1].Value);
            var count = Number(lists[group].Groups[3].Value);
            var entries = Entries(output, group);
            for (var i = 0; i < count; i++)
            {
                listed.Add((group, entries[(int)((first + i) % entries.Count)]));
            }
        }

        return [.. ExtentLine().Matches(Db(path, "freesp -d"))
            .Select(match => (Group: Number(match.Groups[1].Value), Block: Number(match.Groups[2].Value), Count: Number(match.Groups[3].Value)))
            .Where(extent => extent.Count > 1 || !listed.Remove((extent.Group, extent.Block)))
            .Select(extent => (((extent.Group * groupBlocks) + extent.Block) * blockSize, extent.Count * blockSize))];
    }

    /// <summary>A file's content where no kernel mounts the volume.</summary>
    public static byte[] Content(string path, string name)
    {
        var superblock = Print(path, "sb 0", "p blocksize agblocks");
        var output = Db(path, $"path {name}", "p core.size", "bmap");
        var content = new byte[Number(Field().Match(output).Groups[2].Value)];
        using var file = File.OpenRead(path);
        foreach (Match extent in FileExtent().Matches(output))
        {
            file.Position = ((Number(extent.Groups[2].Value) * superblock["agblocks"]) + Number(extent.Groups[3].Value)) * superblock["blocksize"];
            var at = (int)(Number(extent.Groups[1].Value) * superblock["blocksize"]);
            file.ReadExactly(content.AsSpan(at, (int)Math.Min(content.Length - at, Number(extent.Groups[4].Value) * superblock["blocksize"])));
        }

        return content;
    }

    public static void Check(string path) => Tool.Run("xfs_repair", "-n", "-f", path);

    public static IReadOnlyDictionary<string, long> Print(string path, params string[] commands) =>
        Field().Matches(Db(path, commands)).ToDictionary(match => match.Groups[1].Value, match => Number(match.Groups[2].Value));

    public static string Db(string path, params string[] commands) =>
        Tool.Run("xfs_db", ["-f", "-r", .. commands.SelectMany(command => new[] { "-c", command }), path]).Output;

    // "bno[0-127] = 0:null 1:5 2:[…]", a line for each group.
    private static List<long> Entries(string output, int group)
    {
        var line = output.Split('\n').Where(line => line.StartsWith("bno[", StringComparison.Ordinal)).ElementAt(group);
        return [.. Entry().Matches(line[line.IndexOf('=', StringComparison.Ordinal)..])
            .Select(match => match.Groups[1].Value == "null" ? -1 : Number(match.Groups[1].Value))];
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^([\w.]+) = (\d+)\r?$", RegexOptions.Multiline)]
    private static partial Regex Field();

    [GeneratedRegex(@"flfirst = (\d+)\nfllast = (\d+)\nflcount = (\d+)")]
    private static partial Regex ListField();

    [GeneratedRegex(@"\d+:(null|\d+)")]
    private static partial Regex Entry();

    [GeneratedRegex(@"offset (\d+) startblock \d+ \((\d+)/(\d+)\) count (\d+)")]
    private static partial Regex FileExtent();

    [GeneratedRegex(@"^ +(\d+) +(\d+) +(\d+)\r?$", RegexOptions.Multiline)]
    private static partial Regex ExtentLine();
}
