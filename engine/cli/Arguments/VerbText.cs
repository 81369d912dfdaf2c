using System.CommandLine;

namespace Tidemark.Cli.Arguments;

/// <summary>What is said to somebody who named no verb, or none that there is.</summary>
internal static class VerbText
{
    /// <summary>What other programs call it, by the verb that does it here.</summary>
    private static readonly (string Verb, string[] Words)[] Synonyms =
    [
        ("backup", ["create", "save", "clone", "snapshot", "capture", "init", "incremental", "full"]),
        ("list", ["snapshots", "images", "chains", "archives", "history", "log"]),
        ("show", ["info", "inspect", "stat", "details"]),
        ("restore", ["recover", "apply", "write", "deploy", "rollback"]),
        ("export", ["convert"]),
        ("verify", ["check", "fsck", "test", "scrub", "validate"]),
        ("diff", ["compare", "cmp", "changes"]),
        ("serve", ["nbd", "server"]),
        ("sources", ["disks", "devices", "drives", "volumes", "lsblk"]),
        ("key", ["passphrase", "password", "passwd", "rekey"]),
        ("unmount", ["umount"]),
        ("ls", ["dir", "files", "find"]),
        ("extract", ["get", "copy", "cp", "cat", "dump"]),
        ("bootcheck", ["boot"]),
    ];

    /// <summary>Asked for by who looks for a verb that doesn't exist on purpose.</summary>
    private static readonly string[] Removals = ["delete", "remove", "rm", "del", "prune", "forget", "purge", "expire", "drop", "erase"];

    /// <summary>"no verb 'restor'; did you mean 'restore'?"</summary>
    public static string Unknown(RootCommand root, string word)
    {
        if (Removals.Contains(word, StringComparer.OrdinalIgnoreCase))
        {
            return $"no verb '{word}': tidemark deletes nothing. To delete a chain, delete its folder";
        }

        var synonym = Array.Find(Synonyms, s => s.Words.Contains(word, StringComparer.OrdinalIgnoreCase)).Verb;
        var nearest = synonym ?? NearestWord.Find(word, root.Subcommands.Where(c => !c.Hidden).Select(c => c.Name));
        return $"no verb '{word}'{(nearest is null ? "" : $"; did you mean '{nearest}'?")}";
    }
}
