using System.Diagnostics;
using System.Globalization;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Mounting;

/// <summary>What <c>ls</c>, <c>extract</c> and <c>mount</c> leave when they are killed, wherever they are.</summary>
[Case("3.18")]
public sealed class KilledReaderTests : IDisposable
{
    private readonly TempFolder folder = new("killed");

    /// <summary>A program that waits for ever in the place of a helper, before or after that has worked.</summary>
    public static TheoryData<string, string> Stages => new()
    {
        { "ls", "nbdfuse" },
        { "ls", "mount" },
        { "extract", "mounted" },
        { "mount", "nbdfuse" },
        { "mount", "mount" },
        { "mount", "mounted" },
    };

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Stages))]
    public void Nothing_stays_after_the_next_run(string verb, string stage)
    {
        var image = Prepare();
        var helper = stage == "mounted" ? "mount" : stage;
        var reached = folder.At("reached");
        var script = Path.Combine(folder.Folder("bin"), helper);
        var first = stage == "mounted" ? $"'{Tool.Find(helper)}' \"$@\"" : ":";
        File.WriteAllText(script, $"#!/bin/sh\n{first}\necho $$ >'{reached}.part'\nmv '{reached}.part' '{reached}'\nexec sleep 1000\n");
        Tool.Run("chmod", "755", script);
        string[] arguments = verb switch
        {
            "ls" => ["ls", image],
            "extract" => ["extract", image, "file", "--to", folder.At("to")],
            _ => ["mount", image, folder.At("m"), "--foreground"],
        };
        var victim = Start(arguments, folder.At("bin"));
        var helperId = 0;
        Eventually(() => File.Exists(reached) && int.TryParse(File.ReadAllText(reached), CultureInfo.InvariantCulture, out helperId));
        victim.Kill();
        victim.WaitForExit();
        var name = $"/{victim.Id.ToString(CultureInfo.InvariantCulture)}-";
        // The helper goes with who started it.
        Eventually(() => !IsAlive(helperId));
        if (verb != "mount")
        {
            // What only it could see is gone by itself.
            Eventually(() => !Loops().Contains(name, StringComparison.Ordinal));
            Assert.DoesNotContain(name, File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
        }

        Assert.Contains("/file\n", TidemarkCli.Run("ls", image).Succeeded().Output, StringComparison.Ordinal);
        Assert.DoesNotContain(name, File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
        Assert.DoesNotContain(folder.At("m"), File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
        Assert.DoesNotContain(name, Loops(), StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateDirectories("/run/tidemark"), path => path.Contains(name, StringComparison.Ordinal));
        victim.Dispose();
    }

    [Fact]
    public void What_a_driver_of_user_space_serves_is_gone_too()
    {
        var image = Prepare("ntfs");
        Tool.Require("ntfs-3g");
        // Listed into a pipe that nobody reads: it stands in the middle of its work.
        var victim = Start(["ls", image, "--json", "--recursive"], null);
        var name = $"/{victim.Id.ToString(CultureInfo.InvariantCulture)}-";
        Eventually(() => Loops().Contains(name, StringComparison.Ordinal));
        victim.Kill();
        victim.WaitForExit();
        Eventually(() => !Loops().Contains(name, StringComparison.Ordinal));
        Eventually(() => !Tool.Try("pgrep", "--full", "--", name).Output.Split('\n').Any(id => int.TryParse(id, CultureInfo.InvariantCulture, out var process) && IsAlive(process)));
        victim.Dispose();
    }

    private static Process Start(string[] arguments, string? path)
    {
        var (program, leading) = TidemarkCli.Command;
        var start = new ProcessStartInfo(program, [.. leading, .. arguments]) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["PATH"] = path is null ? Environment.GetEnvironmentVariable("PATH") : $"{path}:{Environment.GetEnvironmentVariable("PATH")}";
        return Process.Start(start)!;
    }

    private static string Loops() =>
        string.Join('\n', Directory.EnumerateDirectories("/sys/block", "loop*").Select(device =>
        {
            try
            {
                return File.ReadAllText(Path.Combine(device, "loop/backing_file"));
            }
            catch (IOException)
            {
                return "";
            }
        }));

    // A process that nobody waits for is a name only.
    private static bool IsAlive(int process)
    {
        try
        {
            return !File.ReadAllText($"/proc/{process.ToString(CultureInfo.InvariantCulture)}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }

    private static void Eventually(Func<bool> holds)
    {
        var clock = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), "It didn't come to pass.");
            Thread.Sleep(20);
        }
    }

    private string Prepare(string fileSystem = "ext4")
    {
        Root.Require();
        Tool.Require("nbdfuse", "fusermount3", "setpriv", "setsid", "mkfs.ext4");
        Assert.SkipUnless(File.Exists("/dev/fuse"), "Needs FUSE (/dev/fuse isn't there).");
        var disk = folder.Sparse("disk", 16 << 20);
        if (fileSystem == "ext4")
        {
            File.WriteAllText(Path.Combine(folder.Folder("tree"), "file"), "content");
            Tool.Run("mkfs.ext4", "-q", "-F", "-d", folder.At("tree"), disk);
        }
        else
        {
            FileSystemMaker.Make(disk, fileSystem);
            using var mount = Mount.OfFile(disk, 0, 0, folder.Folder("live"), fileSystem);
            for (var i = 0; i < 1000; i++)
            {
                File.WriteAllText(Path.Combine(mount.Folder, $"a file with a long name {i}"), "");
            }
        }

        return Backup(disk, folder.At("store")).At(1);
    }
}
