using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Mounting;

/// <summary>What the verbs that open an image write with <c>--json</c> is what JSON.md says.</summary>
public sealed class MountJsonTests : IDisposable
{
    /// <summary>The tables that are checked here and nowhere else, since these verbs need programs of the system.</summary>
    public static readonly string[] Tables =
    [
        "Event file", "Result of mount", "Result of unmount", "Result of ls", "Result of extract", "Result of bootcheck", "Object volume",
        "Object file problem",
    ];

    private readonly TempFolder folder = new("json");
    private readonly JsonSchema schema = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_line_has_what_is_documented()
    {
        Root.Require();
        Tool.Require("nbdfuse", "fusermount3", "sgdisk", "mcopy", "mkfs.ext4", "fls", "qemu-system-x86_64");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        var image = ImagedDisk.Make(folder);
        Run(Done, "mount", image, folder.At("m"));
        Run(Done, "unmount", folder.At("m"));
        Run(Done, "ls", image, "p2/etc");
        // A name that is too long for the target: what doesn't come is a problem, and the rest comes.
        var deep = folder.Folder(string.Join('/', Enumerable.Repeat(new string('d', 200), 20)));
        var failed = Run(Failed, "extract", image, "p2/etc", "--to", $"{deep}/xx");
        Assert.NotEmpty(failed.Result.GetProperty("problems").EnumerateArray());
        // Its boot code does nothing, which is waited for.
        Run(Failed, "bootcheck", image, "--memory", "64M", "--timeout", "3");
        Assert.Empty(Tables.Intersect(schema.Unseen));
    }

    private CliResult Run(int exitCode, params string[] arguments)
    {
        var result = TidemarkCli.Run([.. arguments, "--json"]).EndedWith(exitCode);
        Assert.All(result.Events, schema.Check);
        Assert.Empty(result.Error);
        return result;
    }
}
