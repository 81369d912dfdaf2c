using System.Diagnostics;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Volumes;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>Restores that are interrupted or killed, and go on.</summary>
[DiffersBySystem]
public sealed class ResumeTests : IDisposable
{
    private const int Size = 24 << 20;

    private readonly TempFolder folder = new("resume");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("-KILL")]
    [InlineData("-INT")]
    public void A_restore_that_is_ended_at_any_moment_goes_on_until_it_is_whole(string signal)
    {
        OnlyOn.Linux();
        var random = Seed.Random($"{nameof(ResumeTests)}{signal}");
        var source = HalfSparse("source");
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        var target = folder.At("target");
        long written = 0;
        var resumed = 0;
        for (var i = 0; i < 6; i++)
        {
            var ended = End(signal, random.Next(20, 400), null, "restore", chain, target, "--resume", "--max-rate", "32M", "--json");
            if (ended == 0)
            {
                break;
            }

            Assert.Equal(signal == "-INT" ? Cli.Interrupted : 137, ended);
            resumed += File.Exists(target) && Marker(target) is not null ? 1 : 0;
        }

        if (!IsWhole(source, target))
        {
            var last = TidemarkCli.Run("restore", chain, target, "--resume", "--json").Succeeded().Result;
            written = last.Number("writtenBytes");
            Assert.Equal(resumed > 0, last.GetProperty("resumed").GetBoolean());
        }

        Assert.Equal(FileTree.Hash(source), FileTree.Hash(target));
        Assert.True(written < Size, "what was there was written again");

        // What is whole is not to be resumed.
        var message = TidemarkCli.Run("restore", chain, target, "--resume", "--json").Refused(Cli.WrongUse, "wrongUse");
        Assert.Contains("no unfinished restore", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_says_that_it_is_unfinished_and_of_what()
    {
        Root.Require();
        var source = Cli.Noise(folder, "source", Size);
        var store = folder.At("store");
        var backup = Cli.Backup(source, store);
        var chain = backup.Text("chain");
        Cli.Overwrite(source, 8 << 20, 50_000, 5);
        Cli.Backup(source, store);
        using var target = LoopDevice.Attach(Cli.Noise(folder, "target", Size, 9), directIo: true);
        Assert.Equal(137, End("-KILL", 300, target, "restore", backup.At(1), target, "--force", "--max-rate", "8M"));
        Assert.NotNull(Marker(target));

        // Another point of the chain, and beginning anew, want force; the same goes on without.
        var message = TidemarkCli.Run("restore", backup.At(2), target, "--resume", "--json").Refused(Cli.WrongUse, "wrongUse");
        Assert.Contains("unfinished restore of image 1", message, StringComparison.Ordinal);
        message = TidemarkCli.Run("restore", backup.At(1), target, "--json").Refused(Cli.WrongUse, "wrongUse");
        Assert.Contains("--resume", message, StringComparison.Ordinal);
        var result = TidemarkCli.Run("restore", backup.At(1), target, "--resume", "--json").Succeeded().Result;
        Assert.True(result.GetProperty("resumed").GetBoolean());
        Assert.InRange(result.Number("writtenBytes"), 1, Size - 1);
        Assert.Null(Marker(target));
        TidemarkCli.Run("verify", backup.At(1), "--against", target).Succeeded();

        // An older copy is brought up to date, killed on the way, and is whole in the end.
        Assert.NotEqual(0, End("-KILL", 300, null, "restore", backup.At(2), target, "--delta", "--force", "--max-rate", "16M"));
        TidemarkCli.Run("restore", backup.At(2), target, "--resume", "--force").Succeeded();
        target.Flush();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(folder.At("target")));
    }

    [Fact]
    public void A_killed_restore_to_a_larger_disk_ends_fitted()
    {
        Root.Require();
        Tool.Require("sgdisk");
        var source = Cli.Noise(folder, "source", Size);
        Tool.Run("sgdisk", "--zap-all", source);
        Tool.Run("sgdisk", "--new=1:2048:40000", source);
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        using var target = LoopDevice.Attach(folder.Sparse("target", Size + (1 << 20)));
        Assert.NotEqual(0, End("-KILL", 200, target, "restore", chain, target, "--max-rate", "16M"));
        var result = TidemarkCli.Run("restore", chain, target, "--resume", "--json").Succeeded().Result;
        Assert.Equal(1, result.GetProperty("fitted").GetArrayLength());
        Assert.Contains("No problems found", Tool.Run("sgdisk", "--verify", target).Output, StringComparison.Ordinal);
        target.Flush();
        Assert.Equal(
            File.ReadAllBytes(source)[(2048 * 512)..(40000 * 512)], File.ReadAllBytes(folder.At("target"))[(2048 * 512)..(40000 * 512)]);
    }

    [Fact]
    public void Progress_tells_speed_and_time_left()
    {
        var source = Cli.Noise(folder, "source", Size);
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        foreach (var more in new string[][] { [], ["--delta", "--force"] })
        {
            var told = TidemarkCli.Run(["restore", chain, folder.At("target"), "--json", "--max-rate", "12M", .. more]).Succeeded().Events
                .Where(e => e.Text("event") == "progress").ToList();
            Assert.True(told.Count >= 2);
            Assert.All(told, e => Assert.Equal((long)Size, e.Number("totalBytes")));
            var last = told[^1];
            Assert.InRange(last.Number("bytesPerSecond"), 1, 200 << 20);
            // The speed of the last seconds tells the time; both are rounded.
            var left = (double)(Size - last.Number("doneBytes")) / last.Number("bytesPerSecond");
            Assert.InRange(last.Number("secondsLeft"), left - 1, left + 1);
            Assert.True(last.Number("doneBytes") > told[0].Number("doneBytes"));
        }
    }

    private static RestoreMarker? Marker(string path)
    {
        using var device = RawDevice.OpenRead(path);
        return RestoreMarker.TryRead(new VolumeView(device));
    }

    private static bool IsWhole(string source, string target) =>
        File.Exists(target) && FileTree.Hash(source) == FileTree.Hash(target);

    /// <summary>
    /// Starts a run, ends it by a signal some time after its start, or after it placed its marker in <paramref name="begun"/>,
    /// and returns its exit code.
    /// </summary>
    private static int End(string signal, int milliseconds, string? begun, params string[] arguments)
    {
        var (program, leading) = TidemarkCli.Command;
        using var process = Process.Start(new ProcessStartInfo(program, [.. leading, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        var clock = Stopwatch.StartNew();
        while (begun is not null && Marker(begun) is null && !process.HasExited && clock.Elapsed < Patience.Limit)
        {
            Thread.Sleep(10);
        }

        if (!process.WaitForExit(milliseconds))
        {
            Tool.Try("kill", signal, $"{process.Id}");
        }

        Assert.True(process.WaitForExit(Patience.Limit), "the run doesn't end");
        Task.WaitAll(output, error);
        return process.ExitCode;
    }

    /// <summary>Noise with holes in it, one of them at the start.</summary>
    private string HalfSparse(string name)
    {
        var path = folder.Sparse(name, Size);
        for (var at = 1 << 20; at < Size; at += 4 << 20)
        {
            Cli.Overwrite(path, at, 3 << 20, at);
        }

        return path;
    }
}
