using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Mounting;

/// <summary>Whatever TMPDIR, HOME and XDG_RUNTIME_DIR say, verbs with sockets and small files of their own work, or say which of them is wrong.</summary>
[Case("3.8")]
public sealed class PlaceTests : IDisposable
{
    private readonly TempFolder folder = new("place");

    public static TheoryData<string> Places => ["long", "79 bytes", "not ASCII", "missing", "a file"];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Places))]
    public void Import_works_wherever_temporary_files_go(string place)
    {
        OnlyOn.Linux();
        Tool.Require("qemu-nbd", "qemu-img");
        Tool.Run("qemu-img", "create", "-q", "-f", "qcow2", folder.At("disk.qcow2"), "1M");
        TidemarkCli.Run(["import", folder.At("disk.qcow2"), "--to", folder.At("store")], Variables(place)).Succeeded();
        AssertNothingNew();
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void What_reads_an_image_works_or_says_what_is_wrong(string place)
    {
        OnlyOn.Linux();
        Tool.Require("nbdfuse", "fusermount3", "mkfs.ext4", "fls");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        var disk = folder.Sparse("disk", 4 << 20);
        Tool.Run("mkfs.ext4", "-q", "-F", disk);
        var image = Backup(disk, folder.At("store")).At(1);
        // Root has a place of its own; what clients write goes where TMPDIR says, since it may be much.
        var result = TidemarkCli.Run(["ls", image], Variables(place));
        if (place is "missing" or "a file")
        {
            Assert.Contains("TMPDIR says so", result.EndedWith(Failed).Error, StringComparison.Ordinal);
        }
        else
        {
            result.Succeeded();
        }

        AssertNothingNew();
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("long")]
    [InlineData("missing")]
    [InlineData("relative")]
    public void Anybody_without_a_home_reads_and_imports_and_nothing_comes_into_the_working_folder(string place)
    {
        Root.Require();
        Tool.Require("unshare", "setpriv", "nbdfuse", "fusermount3", "mkfs.ext4", "fls", "qemu-nbd", "qemu-img");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        var disk = folder.Sparse("disk", 4 << 20);
        Tool.Run("mkfs.ext4", "-q", "-F", disk);
        var image = Backup(disk, folder.At("store")).At(1);
        Tool.Run("qemu-img", "create", "-q", "-f", "qcow2", folder.At("disk.qcow2"), "1M");
        Tool.Run("chmod", "-R", "a+rwX", folder);
        var name = place == "long" ? string.Join('/', Enumerable.Repeat("folder", 15)) : "missing";
        if (place == "long")
        {
            Tool.Run("chmod", "-R", "a+rwX", folder.Folder(name));
            Tool.Run("chown", "-R", "65534:65534", folder.At("folder"));
        }

        var variables = place switch
        {
            "nothing" => "unset HOME XDG_RUNTIME_DIR",
            "relative" => "export HOME=home XDG_RUNTIME_DIR=run",
            _ => $"export HOME='{folder.At(name)}' XDG_RUNTIME_DIR='{folder.At(name)}'",
        };
        var work = folder.Folder("work");
        Tool.Run("chmod", "a+rwx", work);
        foreach (var arguments in new[] { new[] { "ls", image }, ["import", folder.At("disk.qcow2"), "--to", folder.At("imported")] })
        {
            Tool.Start("unshare", ["--mount", "sh", "-c", Script(variables), folder.Path, .. Program(), .. arguments], TimeSpan.FromMinutes(5)).Succeeded();
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(work));
    }

    [Fact]
    public void A_socket_of_a_name_that_is_long_in_bytes_is_refused_as_what_it_is()
    {
        OnlyOn.Linux();
        var image = Backup(Noise(folder, "source", 100_000), folder.At("store")).At(1);
        var result = TidemarkCli.Run("serve", image, "--unix", $"/tmp/{new string('ü', 70)}").EndedWith(WrongUse);
        Assert.Contains("107 bytes", result.Error, StringComparison.Ordinal);
    }

    private static string[] Program() => [TidemarkCli.Command.Program, .. TidemarkCli.Command.Leading];

    // In mounts of its own, where the FUSE device is everybody's, as it is on most systems.
    private static string Script(string variables) =>
        "mkdir -p \"$0/dev\" && mount -t tmpfs -o mode=755,dev tmpfs \"$0/dev\" && mknod -m 666 \"$0/dev/fuse\" c 10 229 && mount --bind \"$0/dev/fuse\" /dev/fuse"
        + $" && umount --lazy \"$0/dev\" && cd \"$0/work\" && {variables} && exec setpriv --reuid=65534 --regid=65534 --clear-groups \"$@\"";

    private Dictionary<string, string?> Variables(string place)
    {
        var path = place switch
        {
            "long" => folder.Folder(string.Join('/', Enumerable.Repeat("folder", 20))),
            "79 bytes" => folder.Folder(new string('x', Math.Max(1, 79 - folder.Path.Length - 1))),
            "not ASCII" => folder.Folder("Zwischenablage für Köpfe, 頭のための一時的な場所"),
            "a file" => Noise(folder, "file", 10),
            _ => folder.At("missing"),
        };
        return new() { ["TMPDIR"] = path };
    }

    private static void AssertNothingNew() => Assert.False(Directory.Exists(".cache/tidemark"));
}
