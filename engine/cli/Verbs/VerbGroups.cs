using System.CommandLine;

namespace Tidemark.Cli.Verbs;

/// <summary>The verbs by what somebody wants who looks for one.</summary>
internal static class VerbGroups
{
    /// <summary>The title of those of no group.</summary>
    public const string Rest = "And";

    private static readonly (string Title, string[] Names)[] Groups =
    [
        ("Make images", ["backup", "import", "sources"]),
        ("See what there is", ["list", "show", "diff"]),
        ("Bring back", ["restore", "export"]),
        ("Look into an image", ["mount", "unmount", "ls", "extract", "serve"]),
        ("Check and repair", ["verify", "bootcheck", "repair", "heal"]),
        ("Keys and locks", ["key", "unlock"]),
    ];

    /// <summary>All that can be seen; those of no group come last.</summary>
    public static IReadOnlyList<(string Title, IReadOnlyList<Command> Verbs)> Of(RootCommand root)
    {
        List<Command> left = [.. root.Subcommands.Where(c => !c.Hidden)];
        List<(string, IReadOnlyList<Command>)> all = [];
        foreach (var (title, names) in Groups)
        {
            Command[] verbs = [.. names.Select(name => left.Find(c => c.Name == name)).OfType<Command>()];
            left.RemoveAll(verbs.Contains);
            if (verbs.Length > 0)
            {
                all.Add((title, verbs));
            }
        }

        if (left.Count > 0)
        {
            all.Add((Rest, left));
        }

        return all;
    }
}
