using System.Diagnostics;
using System.Text.Json;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Volumes;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using SupportTool = Tidemark.Harness.Support.Tool;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Volumes;

/// <summary>A device, or the file below one, that doesn't answer: nobody waits for it who has nothing to do with it.</summary>
[Case("3.5")]
[Collection(RunsAlone.Name)]
public sealed class SilentDeviceTests : IDisposable
{
    private readonly TempFolder place = new("silent");

    public void Dispose() => place.Dispose();

    [Fact]
    public void Devices_are_listed_with_one_that_does_not_answer_named()
    {
        OnlyOn.Linux();
        Root.Require();
        using var first = LoopDevice.Attach(place.Sparse("first", 1 << 20));
        using var second = LoopDevice.Attach(place.Sparse("second", 1 << 20));
        using var until = new ManualResetEventSlim();
        try
        {
            var sources = SourceList.List(
                path =>
                {
                    if (path == first.Path)
                    {
                        until.Wait();
                    }

                    return RawDevice.OpenProbe(path);
                },
                TimeSpan.FromSeconds(5));
            Assert.Contains("doesn't answer", sources.Single(s => s.Path == first.Path).Problem, StringComparison.Ordinal);
            Assert.Equal(1 << 20, sources.Single(s => s.Path == first.Path).Size);
            Assert.Null(sources.Single(s => s.Path == second.Path).Problem);
        }
        finally
        {
            until.Set();
        }
    }

    /// <summary>The file below a loop device lies in a file system of user space whose server is stopped.</summary>
    [Fact]
    public void A_dead_file_system_below_a_loop_device_stops_no_other_verb()
    {
        Root.Require();
        SupportTool.Require("mergerfs", "sh", "kill", "pidof", "umount");
        var source = TestCli.Noise(place, "source", 100_000);
        using var mount = UserMount.Make(place, "mergerfs");
        File.WriteAllBytes(Path.Combine(mount.Folder, "disk"), new byte[1 << 20]);
        using var loop = LoopDevice.Attach(Path.Combine(mount.Folder, "disk"));
        var servers = SupportTool.Run("pidof", "mergerfs").Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Where(pid => File.ReadAllText($"/proc/{pid}/cmdline").Contains(mount.Folder, StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(servers);
        SupportTool.Run("kill", ["-STOP", .. servers]);
        Process? backup = null, sources = null;
        try
        {
            // Told while the file system is dead. A process one of whose questions the server had taken already can't end
            // before that answers, whatever it is sent, so its end is waited for afterwards.
            backup = Start("backup", source, "--to", place.At("store"));
            Assert.Equal("result", Told(backup).Text("event"));
            sources = Start("sources");
            var named = Told(sources).GetProperty("sources").EnumerateArray().Single(s => s.Text("path") == loop.Path);
            Assert.Contains("doesn't answer", named.Text("problem"), StringComparison.Ordinal);
        }
        finally
        {
            SupportTool.Run("kill", ["-CONT", .. servers]);
            foreach (var process in new[] { backup, sources }.OfType<Process>())
            {
                process.WaitForExit();
                process.Dispose();
            }
        }
    }

    private static Process Start(params string[] arguments)
    {
        var (program, leading) = TidemarkCli.Command;
        return Process.Start(new ProcessStartInfo(program, [.. leading, .. arguments, "--json"]) { RedirectStandardOutput = true })!;
    }

    /// <summary>The last line that a run writes, which it writes when its work is done.</summary>
    private static JsonElement Told(Process process)
    {
        while (process.StandardOutput.ReadLine() is { } line)
        {
            var told = JsonElement.Parse(line);
            if (told.Text("event") is "result" or "error")
            {
                return told;
            }
        }

        throw new InvalidOperationException("The run ended without a result.");
    }

    [Fact]
    public void A_question_that_fails_or_is_answered_says_so_and_another_is_not_waited_for()
    {
        using var until = new ManualResetEventSlim();
        Assert.True(new BoundedCall<int>(() => 3).TryWait(TimeSpan.FromMinutes(1), out var three));
        Assert.Equal(3, three);
        Assert.Throws<InvalidOperationException>(
            () => new BoundedCall<int>(() => throw new InvalidOperationException()).TryWait(TimeSpan.FromMinutes(1), out _));
        Assert.False(new BoundedCall<int>(() =>
        {
            until.Wait();
            return 1;
        }).TryWait(TimeSpan.FromMilliseconds(10), out _));
        until.Set();
    }
}
