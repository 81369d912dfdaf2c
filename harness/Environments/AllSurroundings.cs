using Tidemark.Harness.Support;

namespace Tidemark.Harness.Environments;

/// <summary>The rows of the table.</summary>
internal static class AllSurroundings
{
    private static readonly string[] LocaleVariables = ["LC_ALL", "LANG", "LANGUAGE"];

    public static IReadOnlyList<Surroundings> All { get; } =
    [
        new Streams("closed output", ">&-", "2>&-", "<&- >&- 2>&-"),
        new Streams("full output", ">/dev/full", "2>/dev/full", ">/dev/full 2>&1"),
        new Limited("few descriptors", "nofile", ["open files", "descriptor"], [20, 24, 32, 64], [64]),
        new Limited("few threads", "nproc", ["thread", "process", "temporarily unavailable"], [], [32]),
        new Limited("little memory", "as", ["memory", "allocate"], [600_000_000, 1_000_000_000], []),
        new OddVariables("no HOME", [], new Dictionary<string, Func<TempFolder, Dictionary<string, string?>>>
        {
            ["none"] = _ => Homes(null),
            ["relative"] = _ => Homes("home"),
            ["missing"] = folder => Homes(folder.At("nowhere")),
        }),
        new OddVariables("odd TMPDIR", [], new Dictionary<string, Func<TempFolder, Dictionary<string, string?>>>
        {
            ["long"] = folder => Temporary(folder.Folder(string.Join('/', Enumerable.Repeat("folder", 20)))),
            ["not ASCII"] = folder => Temporary(folder.Folder("für Köpfe, 頭のための")),
        }),
        new OddVariables("no TMPDIR", ["TMPDIR"], new Dictionary<string, Func<TempFolder, Dictionary<string, string?>>>
        {
            ["missing"] = folder => Temporary(folder.At("nowhere")),
            ["a device"] = _ => Temporary("/dev/null"),
        }),
        new OddVariables("odd locale", [], new[] { "C", "POSIX", "tr_TR.UTF-8", "ja_JP.SJIS", "xx", "" }.ToDictionary(
            name => $"'{name}'",
            name => (Func<TempFolder, Dictionary<string, string?>>)(_ => LocaleVariables.ToDictionary(v => v, _ => (string?)name)))),
        new OrdinaryUser(),
        new ReadOnlyStore(),
        new GroupStore(),
        new UserFileSystem("mergerfs", "mergerfs"),
        new UserFileSystem("rclone", "rclone"),
        new UserFileSystem("FUSE without locks", "bindfs"),
    ];

    private static Dictionary<string, string?> Homes(string? path) =>
        new() { ["HOME"] = path, ["XDG_RUNTIME_DIR"] = path, ["XDG_CACHE_HOME"] = null, ["XDG_CONFIG_HOME"] = null };

    private static Dictionary<string, string?> Temporary(string path) => new() { ["TMPDIR"] = path };
}
