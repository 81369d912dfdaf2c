using System.Diagnostics;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>Locks that stand in the way, as a user meets them.</summary>
[DiffersBySystem]
public sealed class UnlockTests : IDisposable
{
    private readonly TempFolder folder = new("unlock");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Another_machines_lock_is_explained_kept_and_removed_on_request()
    {
        var source = Cli.Noise(folder, "source", 500_000);
        var store = folder.At("store");
        var chain = Cli.Backup(source, store).Text("chain");
        var other = LockSelf.Current with { Machine = LockSelf.Hash("other", "other"), Host = "other-machine", Process = 4711 };
        File.WriteAllBytes(
            Path.Combine(chain, StoreNames.OwnerFile),
            other.Owner(Guid.NewGuid(), new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero)).ToBytes());

        var message = TidemarkCli.Run("backup", source, "--to", store, "--json").Refused(Cli.Busy, "busy");
        var since = Tidemark.Engine.LocalTime.Text(new DateTimeOffset(2026, 2, 3, 4, 5, 6, TimeSpan.Zero));
        Assert.Contains($"host other-machine, process 4711, since {since}", message, StringComparison.Ordinal);
        Assert.Contains($"tidemark unlock {chain}", message, StringComparison.Ordinal);
        TidemarkCli.Run("verify", chain).Succeeded();
        TidemarkCli.Run("restore", chain, folder.At("target")).Succeeded();

        var unlocked = TidemarkCli.Run("unlock", chain, "--force", "--json").Succeeded().Result;
        Assert.Contains("other-machine", unlocked.Text("holder"), StringComparison.Ordinal);
        Assert.Equal(2, Cli.Backup(source, store).Number("sequence"));
        Assert.Contains("isn't locked", TidemarkCli.Run("unlock", chain).Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_of_this_machine_that_lives_keeps_its_lock_and_one_that_was_killed_is_followed()
    {
        var source = Cli.Noise(folder, "source", 48 << 20);
        var store = folder.At("store");
        var chain = Cli.Backup(source, store, "--compress", "none").Text("chain");
        Cli.Overwrite(source, 0, 48 << 20, 2);
        var (program, leading) = TidemarkCli.Command;
        using var process = Process.Start(new ProcessStartInfo(
            program, [.. leading, "backup", source, "--to", store, "--json", "--max-rate", "1M"])
        {
            RedirectStandardOutput = true,
        })!;
        Assert.NotNull(process.StandardOutput.ReadLine());
        var until = DateTime.UtcNow + Patience.Limit;
        while (!File.Exists(Path.Combine(chain, StoreNames.OwnerFile)))
        {
            Assert.True(DateTime.UtcNow < until && !process.HasExited, "the run never took the lock");
            Thread.Sleep(10);
        }

        var message = TidemarkCli.Run("backup", source, "--to", store, "--json").Refused(Cli.Busy, "busy");
        Assert.Contains(Environment.MachineName, message, StringComparison.Ordinal);
        TidemarkCli.Run("unlock", chain, "--force", "--json").Refused(Cli.Busy, "busy");

        process.Kill();
        process.WaitForExit();
        Assert.True(File.Exists(Path.Combine(chain, StoreNames.OwnerFile)));
        Assert.Equal(2, Cli.Backup(source, store).Number("sequence"));
        Assert.Equal(
            ["000001.tdi", "000002.tdi", StoreNames.LockFile],
            Directory.GetFiles(chain).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }
}
