using System.Text.Json;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Progress;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Environments;

/// <summary>All verbs, each with a use that does its work and a judgement that looks at what came of it.</summary>
internal static class VerbUses
{
    /// <summary>How often a server that listens refuses a client before it is asked to end.</summary>
    private const int Refusals = 10;

    private static readonly string[] MountTools = ["nbdfuse", "fusermount3", "fls"];

    public static IReadOnlyList<VerbUse> All { get; } =
    [
        new() { Verb = "backup", Arguments = d => ["backup", d.Prototype.Disk, "--to", d.Store, "--chain", "chain", "--json"], Judge = (d, _) => AssertPoint(d, d.Chain, 3, 3) },
        new() { Verb = "list", Arguments = d => ["list", d.Store, "--json"], Judge = (_, r) => AssertEvents(r, "chain", 2) },
        new() { Verb = "show", Arguments = d => ["show", d.Chain, "--json"], Judge = (_, r) => AssertSaid(r, "\"show\"") },
        new() { Verb = "restore", Arguments = d => ["restore", $"{d.Chain}@1", d.At("restored")], Judge = (d, _) => AssertVersion(d, 1, d.At("restored")) },
        new()
        {
            Verb = "export", Arguments = d => ["export", d.Chain, d.At("disk.qcow2")], Tools = ["qemu-img"],
            Judge = (d, _) => Tool.Run("qemu-img", "compare", "-f", "qcow2", "-F", "raw", d.At("disk.qcow2"), d.Prototype.At(2)),
        },
        new()
        {
            Verb = "import", Arguments = d => ["import", d.Prototype.Container, "--to", d.Store, "--chain", "imported"], Tools = ["qemu-img", "qemu-nbd"],
            Judge = (d, _) => AssertPoint(d, Path.Combine(d.Store, "imported"), 1, 2),
        },
        new() { Verb = "verify", Arguments = d => ["verify", d.Chain, "--deep"], Judge = (_, r) => AssertSaid(r, "No damage") },
        new() { Verb = "diff", Arguments = d => ["diff", $"{d.Chain}@1", $"{d.Chain}@2", "--json"], Judge = (_, r) => AssertSaid(r, "\"range\"") },
        new()
        {
            Verb = "serve", Arguments = d => ["serve", d.Chain, "--unix", d.At("s"), "--exit-when-idle"], Tools = ["nbdcopy", "kill"],
            Beside = Copy, Judge = (d, _) => AssertVersion(d, 2, d.At("served")),
        },
        new() { Verb = "sources", Arguments = _ => ["sources", "--json"], Judge = (_, r) => AssertSaid(r, "\"sources\"") },
        new() { Verb = "repair", Arguments = d => ["repair", d.Chain], Judge = (_, _) => { } },
        new() { Verb = "heal", Arguments = d => ["heal", d.Chain, "--from", d.Prototype.Disk], Judge = (_, _) => { } },
        new()
        {
            Verb = "key", Arguments = d => ["key", d.Locked, "--key-file", d.Prototype.OldKey, "--new-key-file", d.Prototype.NewKey],
            Judge = (d, _) => AssertPoint(d, d.Locked, 1, 1, new KeyOptions(KeyFile: d.Prototype.NewKey)),
        },
        new() { Verb = "unlock", Arguments = d => ["unlock", d.Chain], Judge = (_, _) => { } },
        new()
        {
            Verb = "mount", Arguments = d => ["mount", d.Chain, d.Mount], Tools = MountTools,
            Judge = (d, _) => AssertMounted(d),
        },
        new()
        {
            Verb = "unmount", Arguments = d => ["unmount", d.Mount], Tools = MountTools,
            Before = d => d.Plainly("mount", d.Chain, d.Mount).ExitCode == 0, Judge = (d, _) => Assert.False(d.IsMounted),
        },
        new() { Verb = "ls", Arguments = d => ["ls", d.Chain, "--json"], Tools = MountTools, Judge = (_, r) => AssertSaid(r, Prototype.Tree) },
        new()
        {
            Verb = "extract", Arguments = d => ["extract", d.Chain, $"/{Prototype.Tree}", "--to", d.At("files")], Tools = MountTools,
            Judge = (d, _) => Assert.Equal(Prototype.NoteOf(2), Read(d, Path.Combine(d.At("files"), Prototype.Tree))),
        },
        new()
        {
            // The volume has no boot code, which is what the machine finds out.
            Verb = "bootcheck", Arguments = d => ["bootcheck", d.Chain, "--memory", "64M", "--json"], Tools = ["qemu-system-x86_64"],
            Code = TestCli.Failed, IsPatient = true, Judge = (_, r) => AssertSaid(r, "nothing to boot"),
        },
    ];

    private static void AssertPoint(Desk desk, string chain, long sequence, int version, KeyOptions? key = null)
    {
        var target = desk.Folder.At("judged");
        Restore.Run(
            new RestoreRequest { Image = ImageAddress.Parse(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{chain}@{sequence}")), Target = TargetLocation.Parse(target), Key = key ?? KeyOptions.None },
            new NoObserver());
        AssertVersion(desk, version, target);
    }

    private static void AssertVersion(Desk desk, int version, string file) =>
        Assert.True(FileTree.Hash(desk.Prototype.At(version)) == FileTree.Hash(file), $"{file} isn't version {version} of the volume.");

    // Only root can mount what is in it; anybody gets the image as a file.
    private static void AssertMounted(Desk desk)
    {
        if (desk.Identity.Length == 0)
        {
            Assert.Equal(Prototype.NoteOf(2), Read(desk, Path.Combine(desk.Mount, Prototype.Tree)));
            return;
        }

        string[] command = [.. desk.Identity, "cmp", desk.Prototype.At(2), Path.Combine(desk.Mount, "disk.img")];
        Tool.Run(command[0], command[1..]);
    }

    // Nothing is asked of words that got lost.
    private static void AssertSaid(ToolResult result, string words)
    {
        if (result.Output.Length > 0)
        {
            Assert.Contains(words, result.Output, StringComparison.Ordinal);
        }
    }

    private static void AssertEvents(ToolResult result, string name, int count)
    {
        if (result.Output.Length > 0)
        {
            Assert.Equal(count, TidemarkCli.Events(result).Count(e => e.Text("event") == name));
        }
    }

    // What a user in user space mounted is the user's alone.
    private static string Read(Desk desk, string file)
    {
        string[] command = [.. desk.Identity, "cat", file];
        return Tool.Run(command[0], command[1..]).Output;
    }

    private static void Copy(Desk desk, Func<bool> runs)
    {
        for (var refused = 0; runs(); Thread.Sleep(20))
        {
            if (!BackgroundTool.IsReady(desk.At("s")))
            {
                continue;
            }

            if (Tool.Try("nbdcopy", $"nbd+unix:///?socket={desk.At("s")}", desk.At("served")).ExitCode == 0)
            {
                return;
            }

            if (++refused == Refusals)
            {
                Tool.Try("kill", "-TERM", File.ReadAllText(desk.At("pid")).Trim());
            }
        }
    }
}
