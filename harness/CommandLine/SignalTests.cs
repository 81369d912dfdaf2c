using Tidemark.Engine.Format;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>Real processes that get signals at moments which the seed draws.</summary>
[DiffersBySystem]
public sealed class SignalTests : IDisposable
{
    private const int SourceBytes = 24 << 20;

    /// <summary>A run of these tests takes about as long: moments are drawn from all of it.</summary>
    private const int LongestMilliseconds = 700;

    private static readonly string[] signals = ["INT", "TERM", "HUP"];

    private readonly TempFolder folder = new("signals");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("backup")]
    [InlineData("verify")]
    [InlineData("restore")]
    public void At_any_moment_one_leaves_a_clean_store_and_two_lose_nothing(string verb)
    {
        Tool.Require("kill");
        var random = Seed.Random($"signals {verb}");
        var store = folder.At("store");
        var source = Cli.Noise(folder, "source", SourceBytes, random.Next());
        var chain = Cli.Backup(source, store, "--compress", "none", "--split", "8M").Text("chain");
        var interrupted = 0;
        var twice = 0;
        var ended = 0;
        var rounds = FaultRun.Rounds(verb == "backup" ? 8 : 4);
        for (var round = 0; round < rounds; round++)
        {
            Cli.Overwrite(source, 0, SourceBytes, random.Next());
            var before = Files(chain);
            using var run = RunningCli.Start(verb switch
            {
                "backup" => ["backup", source, "--to", store, "--json", "--compress", "none", "--split", "8M", "--max-rate", "48M"],
                "verify" => ["verify", store, "--deep", "--json", "--max-rate", "48M"],
                _ => ["restore", chain, folder.At("target"), "--force", "--json", "--max-rate", "48M"],
            });
            Thread.Sleep(random.Next(LongestMilliseconds));
            var second = random.Next(3) == 0;
            run.Signal(signals[random.Next(signals.Length)]);
            if (second)
            {
                Thread.Sleep(random.Next(20));
                run.Signal(signals[random.Next(signals.Length)]);
            }

            var result = run.End();
            // Before the program has begun its own work, a signal is the system's, as for any program.
            var code = result.ExitCode > 128 && result.ExitCode != Cli.Interrupted && result.Process.Output.Length == 0
                ? Cli.Interrupted
                : result.ExitCode;
            Assert.True(code is Cli.Interrupted or Cli.Done, $"round {round}: {result.ExitCode} {result.Process.Output}{result.Process.Error}");
            _ = code == Cli.Done ? ended++ : second ? twice++ : interrupted++;

            var after = Files(chain);
            if (verb != "backup")
            {
                Assert.Equal(before, after);
            }
            else if (code == Cli.Interrupted && !second)
            {
                // What an earlier round left may still be there, if this one ended before it had the lock; nothing is new.
                Assert.Empty(after.Except(before));
                Assert.Equal(before.Where(IsCommitted), after.Where(IsCommitted));
            }

            TidemarkCli.Run("verify", chain).Succeeded();
        }

        Cli.Backup(source, store, "--compress", "none");
        Assert.DoesNotContain(Files(chain), name => TemporaryName.TryParse(name, out _));
        TidemarkCli.Run("restore", chain, folder.At("target"), "--force").Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(folder.At("target")));
        Assert.True(interrupted + twice > 0, "no signal came in time");
        FaultRun.Tell($"signals: {rounds} runs of {verb}: {interrupted} interrupted once, {twice} twice, {ended} had ended before");
    }

    private static bool IsCommitted(string name) => ImageNames.TryParse(name, out _, out _);

    private static string[] Files(string chain) =>
        [.. Directory.GetFiles(chain).Select(f => Path.GetFileName(f)!).Where(f => f != StoreNames.LockFile).Order(StringComparer.Ordinal)];
}
