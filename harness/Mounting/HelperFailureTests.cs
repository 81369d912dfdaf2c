using System.Diagnostics;
using System.Globalization;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Mounting;

/// <summary>Programs that fail, are late, or wait when Ctrl-C comes: what the user is told.</summary>
[Case("3.3")]
public sealed class HelperFailureTests : IDisposable
{
    private readonly TempFolder folder = new("helpers");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("echo 'nbdfuse: no permission for this' >&2; exit 1", "no permission for this")]
    [InlineData("exit 3", "ended with 3, without a word")]
    [InlineData("kill -9 $$", "ended with 137, without a word")]
    [InlineData("i=0; while [ $i -lt 3000 ]; do echo 'a line that fills the pipe, whose reader must not sleep' >&2; i=$((i+1)); done; echo 'the end' >&2; exit 1", "the end")]
    public void What_nbdfuse_says_is_passed_on(string script, string expected)
    {
        var image = Image();
        Put("nbdfuse", script);
        foreach (var arguments in new[] { new[] { "ls", image }, ["extract", image, "x", "--to", folder.At("to")], ["mount", image, folder.At("m")] })
        {
            var result = Run(arguments).EndedWith(Failed);
            Assert.Contains(expected, result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("defect", result.Error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("import", "qemu-nbd")]
    [InlineData("ls", "nbdfuse")]
    [InlineData("extract", "mount")]
    [InlineData("mount", "nbdfuse")]
    public async Task An_interruption_of_a_wait_ends_it_in_order(string verb, string helper)
    {
        var image = Image();
        if (helper == "mount")
        {
            Root.Require();
        }

        Put(helper, $"echo $$ >'{folder.At("part")}'; mv '{folder.At("part")}' '{folder.At("reached")}'; exec sleep 1000");
        string[] arguments = verb switch
        {
            "import" => ["import", Qcow2(), "--to", folder.At("imported")],
            "extract" => ["extract", image, "x", "--to", folder.At("to")],
            "ls" => ["ls", image],
            _ => ["mount", image, folder.At("m"), "--foreground"],
        };
        var (program, leading) = TidemarkCli.Command;
        var start = new ProcessStartInfo(program, [.. leading, .. arguments]) { RedirectStandardError = true, UseShellExecute = false };
        start.Environment["PATH"] = Path();
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var clock = Stopwatch.StartNew();
        while (!File.Exists(folder.At("reached")))
        {
            Assert.False(process.HasExited, "It ended before it waited.");
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), "The helper wasn't started.");
            Thread.Sleep(20);
        }

        Tool.Run("kill", "-INT", process.Id.ToString(CultureInfo.InvariantCulture));
        Assert.True(process.WaitForExit(TimeSpan.FromMinutes(1)), "It goes on.");
        Assert.Equal(Interrupted, process.ExitCode);
        Assert.Contains("Interrupted", await error, StringComparison.Ordinal);
        Assert.False(Directory.Exists($"/proc/{File.ReadAllText(folder.At("reached")).Trim()}"));
    }

    [Theory]
    [InlineData("locked", "lock")]
    [InlineData("damaged", "qcow2")]
    [InlineData("slow", null)]
    [InlineData("dying", "something went wrong")]
    [InlineData("silent", "without a word")]
    public void What_qemu_nbd_says_is_passed_on(string state, string? expected)
    {
        OnlyOn.Linux();
        var disk = Qcow2();
        using var locker = state == "locked" ? BackgroundTool.StartAt(folder.At("socket"), "qemu-nbd", "--persistent", "--format=qcow2", $"--socket={folder.At("socket")}", disk) : null;
        switch (state)
        {
            case "damaged":
                // The header is sound; the table that it names isn't.
                using (var file = new FileStream(disk, FileMode.Open, FileAccess.ReadWrite))
                {
                    file.Position = 40;
                    file.Write([0x7F, 0xFF, 0, 0, 0, 1, 0, 0x11]);
                }

                break;
            case "slow":
                Put("qemu-nbd", $"sleep 1; exec '{Tool.Find("qemu-nbd")}' \"$@\"");
                break;
            case "dying":
                Put("qemu-nbd", "sleep 0.2; echo 'qemu-nbd: something went wrong' >&2; exit 1");
                break;
            case "silent":
                Put("qemu-nbd", "exit 7");
                break;
        }

        var result = Run("import", disk, "--to", folder.At("imported")).EndedWith(expected is null ? Done : Failed, Damaged);
        Assert.Contains(expected ?? "", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("refused", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("defect", result.Error, StringComparison.Ordinal);
    }

    private string Path() => $"{folder.At("bin")}:{Environment.GetEnvironmentVariable("PATH")}";

    private CliResult Run(params string[] arguments) => TidemarkCli.Run(arguments, new Dictionary<string, string?> { ["PATH"] = Path() });

    private void Put(string name, string script)
    {
        var path = System.IO.Path.Combine(folder.Folder("bin"), name);
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        Tool.Run("chmod", "755", path);
    }

    private string Qcow2()
    {
        Tool.Require("qemu-nbd", "qemu-img");
        Tool.Run("qemu-img", "create", "-q", "-f", "qcow2", folder.At("disk.qcow2"), "4M");
        return folder.At("disk.qcow2");
    }

    private string Image()
    {
        OnlyOn.Linux();
        Tool.Require("nbdfuse", "fusermount3", "mkfs.ext4");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        var disk = folder.Sparse("disk", 4 << 20);
        Tool.Run("mkfs.ext4", "-q", "-F", disk);
        return Backup(disk, folder.At("store")).At(1);
    }
}
