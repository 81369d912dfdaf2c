using System.Diagnostics;
using System.Globalization;
using Tidemark.Harness.Roaming;
using Tidemark.Harness.Support;
using Tidemark.Harness.Vss;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>
/// Backups as their users make them: the program for Windows under Wine, volumes that change while they are held, and
/// shadow devices with what they were.
/// </summary>
[DiffersBySystem]
public sealed class VssRunTests : IDisposable
{
    private const long VolumeBytes = 24 << 20;

    /// <summary>Of the volume serial number, in the boot sector.</summary>
    private const int NtfsSerialOffset = 72;

    private readonly TempFolder folder = new("vss-run");
    private readonly List<WineCli.Letter> letters = [];

    private string Log => folder.At("calls.log");

    private string[] Calls => File.Exists(Log) ? File.ReadAllLines(Log) : [];

    public void Dispose()
    {
        letters.ForEach(letter => letter.Dispose());
        folder.Dispose();
    }

    [Fact]
    public void A_volume_is_imaged_from_its_shadow_and_known_by_itself()
    {
        InstalledStandin.Require();
        var (volume, live, shadow, device) = Volume("c");
        var first = Backup([volume], [device]).Succeeded();
        Assert.Equal((volume, "full"), (first.Result.Text("source"), first.Result.Text("kind")));
        Assert.DoesNotContain(first.Events, e => e.Text("event") == "warning");
        Assert.Contains("VSS writers that took part: NTDS, SqlServerWriter.", first.Result.GetProperty("notes").EnumerateArray().Select(n => n.GetString()));
        var chain = WineCli.UnixPathOf(first.Result.Text("chain"));
        AssertRestores(chain, 1, shadow);
        Assert.Equal("DeleteSnapshots set 2 1", Calls[^2]);
        Assert.Equal("Release asyncs=0 metadata=0 properties=0 snapshots=none", Calls[^1]);
        Assert.Contains(Calls, call => call == "BackupComplete");

        var shown = TidemarkCli.Run("show", chain, "--json").Succeeded().Result;
        Assert.Equal(
            ("vss", "5a000000-1111-2222-0102-030405060708", volume), (shown.Text("snapshot"), shown.Text("snapshotId"), shown.Text("source")));
        Assert.Equal(new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), shown.GetProperty("snapshotTime").GetDateTime());

        // Linux continues the chain with the volume itself: what differs from the shadow is the increment.
        var second = Cli.Backup(live, folder.At("store"), "--all-blocks");
        Assert.Equal((chain, 2L, "incremental"), (second.Text("chain"), second.Number("sequence"), second.Text("kind")));
        Assert.InRange(second.Number("changedBytes"), 1 << 20, (1 << 20) + (64 << 10));
        AssertRestores(chain, 2, live);

        // And Windows again, from the same shadow; the volume's root folder is another name for it.
        Assert.Equal(3, Backup([volume + '\\'], [device]).Succeeded().Result.Number("sequence"));
        AssertRestores(chain, 3, shadow);
    }

    [Fact]
    public void Two_volumes_are_one_set_and_two_chains()
    {
        InstalledStandin.Require();
        var (c, _, cShadow, cDevice) = Volume("c");
        var (d, _, dShadow, dDevice) = Volume("d");
        var run = Backup([c, d], [cDevice, dDevice]).Succeeded();
        var images = run.Events.Where(e => e.Text("event") == "image").ToArray();
        Assert.Equal([c, d], images.Select(i => i.Text("source")));
        Assert.Equal(2, run.Result.GetProperty("images").GetArrayLength());
        Assert.Equal(0, run.Result.GetProperty("failed").GetArrayLength());
        AssertRestores(WineCli.UnixPathOf(images[0].Text("chain")), 1, cShadow);
        AssertRestores(WineCli.UnixPathOf(images[1].Text("chain")), 1, dShadow);
        Assert.Single(Calls, call => call == "DoSnapshotSet");
        Assert.Equal(2, Calls.TakeWhile(call => call != "DoSnapshotSet").Count(call => call.StartsWith("AddToSnapshotSet", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_volume_that_fails_aborts_the_set_and_the_other_is_imaged()
    {
        InstalledStandin.Require();
        var (c, _, cShadow, cDevice) = Volume("c");
        var (d, _, _, _) = Volume("d");
        // Nothing is behind the second shadow.
        var run = Backup([c, d], [cDevice, @"\\.\GLOBALROOT\Device\HarddiskVolumeShadowCopy77"]);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Equal(run.ExitCode, run.Result.Number("exitCode"));
        Assert.Equal(d, Assert.Single(run.Result.GetProperty("failed").EnumerateArray()).Text("source"));
        AssertRestores(WineCli.UnixPathOf(Assert.Single(run.Events, e => e.Text("event") == "image").Text("chain")), 1, cShadow);
        Assert.DoesNotContain("BackupComplete", Calls);
        Assert.Equal(["AbortBackup", "DeleteSnapshots set 2 1"], Calls[^3..^1]);
    }

    [Fact]
    public void A_failed_writer_is_named_and_nothing_is_imaged()
    {
        InstalledStandin.Require();
        var (volume, _, _, device) = Volume("c");
        var message = Backup([volume], [device], ("WRITERS", "SqlServerWriter=snapshot:9:800423F4")).Refused(Cli.Failed, "failed");
        Assert.StartsWith("VSS writer 'SqlServerWriter' failed to freeze its data:", message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.At("store")));
        Assert.Equal(["AbortBackup", "DeleteSnapshots set 2 1"], Calls[^3..^1]);
    }

    [Fact]
    public void An_end_that_fails_leaves_the_image_and_says_so()
    {
        InstalledStandin.Require();
        var (volume, _, shadow, device) = Volume("c");
        var result = Backup([volume], [device], ("FAIL", "BackupComplete.async=80042318")).Succeeded().Result;
        Assert.Contains(
            result.GetProperty("notes").EnumerateArray(),
            note => note.GetString()!.StartsWith("What was imaged is whole, but applications may not know of it.", StringComparison.Ordinal));
        AssertRestores(WineCli.UnixPathOf(result.Text("chain")), 1, shadow);
    }

    [Fact]
    public void A_full_backup_is_told_as_such()
    {
        InstalledStandin.Require();
        var (volume, _, _, device) = Volume("c");
        var variables = InstalledStandin.Settings(Log, [device]);
        WineCli.Run(variables, "backup", volume, "--to", WineCli.PathOf(folder.At("store")), "--snapshot", "vss", "--vss-type", "full").Succeeded();
        Assert.Contains("SetBackupState 0 1 1 0", Calls);
    }

    [Fact]
    public void A_volume_without_support_is_refused_with_advice()
    {
        InstalledStandin.Require();
        var (volume, _, _, device) = Volume("c");
        var message = Backup([volume], [device], ("UNSUPPORTED", volume[^2..] + '\\')).Refused(Cli.WrongUse, "wrongUse");
        Assert.Contains("--snapshot none", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GatherWriterMetadata", false)]
    [InlineData("PrepareForBackup", true)]
    [InlineData("DoSnapshotSet", true)]
    public void Ctrl_C_ends_what_hangs_and_cleans_up(string operation, bool aborted)
    {
        InstalledStandin.Require();
        var (volume, _, _, device) = Volume("c");
        var variables = InstalledStandin.Settings(Log, [device], ("PENDING", $"{operation}=-1"));
        using var run = Process.Start(WineCli.Start(variables, "backup", volume, "--to", WineCli.PathOf(folder.At("store"))))!;
        var clock = Stopwatch.StartNew();
        while (!Calls.Contains(operation))
        {
            Assert.False(run.HasExited, "The run ended before it could be interrupted.");
            Assert.True(clock.Elapsed < Patience.Limit, $"The run didn't come to {operation}.");
            Thread.Sleep(50);
        }

        Tool.Run("kill", "-INT", run.Id.ToString(CultureInfo.InvariantCulture));
        Assert.True(run.WaitForExit(Patience.Limit), "The run doesn't end.");
        Assert.Equal(Cli.Interrupted, run.ExitCode);
        Assert.Contains("Interrupted.", run.StandardError.ReadToEnd(), StringComparison.Ordinal);
        Assert.Contains($"{operation}.Cancel", Calls);
        Assert.Equal(aborted, Calls.Contains("AbortBackup"));
        Assert.Equal("Release asyncs=0 metadata=0 properties=0 snapshots=none", Calls[^1]);
        Assert.False(Directory.Exists(folder.At("store")));
    }

    [Fact]
    public void A_system_without_vss_says_so_and_none_goes_without()
    {
        WineCli.Require();
        var (volume, live, _, _) = Volume("c");
        string[] run = ["backup", volume, "--to", WineCli.PathOf(folder.At("store")), "--json"];
        var message = WineCli.Run(run).Refused(Cli.Failed, "failed");
        Assert.StartsWith("This system has no Volume Shadow Copy Service", message, StringComparison.Ordinal);
        Assert.Contains("--snapshot none", message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.At("store")));

        var without = WineCli.Run([.. run, "--snapshot", "none"]).Succeeded();
        Assert.StartsWith(
            $"Nothing holds {volume} still", Assert.Single(without.Events, e => e.Text("event") == "warning").Text("message"), StringComparison.Ordinal);
        AssertRestores(WineCli.UnixPathOf(without.Result.Text("chain")), 1, live);
    }

    /// <summary>An NTFS volume whose shadow is what it was before the last mebibyte was written to it.</summary>
    private (string Volume, string Live, string Shadow, string ShadowDevice) Volume(string name)
    {
        Tool.Require("mkntfs");
        var live = folder.Sparse(name + ".live", VolumeBytes);
        Tool.Run("mkntfs", "--quiet", "--fast", "--force", live);
        // mkntfs draws the serial number from the clock's second, so two volumes made at once would be one source.
        using (var boot = new FileStream(live, FileMode.Open))
        {
            boot.Position = NtfsSerialOffset;
            boot.WriteByte((byte)name[0]);
        }

        var shadow = folder.At(name + ".shadow");
        File.Copy(live, shadow);
        Cli.Overwrite(live, VolumeBytes - (4 << 20), 1 << 20, name[0]);
        var volume = Letter(live);
        return (volume, live, shadow, Letter(shadow));
    }

    private string Letter(string file)
    {
        var letter = WineCli.Attach(file);
        letters.Add(letter);
        return letter.Path;
    }

    private CliResult Backup(string[] volumes, string[] devices, params (string Name, string Value)[] settings) => WineCli.Run(
        InstalledStandin.Settings(Log, devices, settings), ["backup", .. volumes, "--all-blocks", "--to", WineCli.PathOf(folder.At("store")), "--json"]);

    private void AssertRestores(string chain, int sequence, string expected)
    {
        var target = folder.At($"target{Guid.NewGuid():N}");
        TidemarkCli.Run("restore", string.Create(CultureInfo.InvariantCulture, $"{chain}@{sequence}"), target).Succeeded();
        Assert.Equal(FileTree.Hash(expected), FileTree.Hash(target));
    }
}
