using System.Text.Json;
using System.Text.RegularExpressions;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Serving;

/// <summary><c>tidemark serve</c> read by the clients of others: libnbd's tools and qemu's.</summary>
public sealed class ServeTests : IDisposable
{
    private const int Length = (24 << 20) + 1536;

    private readonly TempFolder folder = new("serve");
    private readonly string chain;

    public ServeTests()
    {
        OnlyOn.Linux();
        Tool.Require("nbdinfo", "nbdcopy", "qemu-img", "qemu-io");
        var random = Seed.Random();
        var source = folder.Sparse("source", Length);
        for (var i = 0; i < 40; i++)
        {
            Overwrite(source, random.Next(Length - 300_000), random.Next(1, 300_000), random.Next());
        }

        chain = Backup(source, folder.At("store")).Text("chain");
        File.Copy(source, folder.At("first"));
        for (var i = 0; i < 20; i++)
        {
            Overwrite(source, random.Next(Length - 20_000), random.Next(1, 20_000), random.Next());
        }

        Backup(source, folder.At("store"));
    }

    public void Dispose() => folder.Dispose();

    [Case("4.13")]
    [Fact]
    public void A_second_server_at_a_used_socket_is_refused_and_the_first_goes_on()
    {
        OnlyOn.Linux();
        using var place = new TempFolder("second");
        var source = CommandLine.Cli.Noise(place, "source", 100_000);
        var image = CommandLine.Cli.Backup(source, place.At("store")).Text("chain");
        using var served = ServeProcess.Start(image, "--unix", place.At("point.sock"), "--exit-when-idle");
        for (var i = 0; i < 3; i++)
        {
            var second = TidemarkCli.Run("serve", image, "--unix", place.At("point.sock"), "--exit-when-idle", "--json");
            Assert.Contains("serves at", second.Refused(CommandLine.Cli.Failed, "failed"), StringComparison.Ordinal);
        }

        // The first one is still there for a client, and ends with it.
        TidemarkCli.Run("backup", served.Uri, "--to", place.At("copy"), "--json").Succeeded();
        Assert.NotEqual(0, served.WaitForEnd()[^1].Number("readBytes"));
    }

    [Fact]
    public void Every_point_is_what_others_read()
    {
        foreach (var (sequence, content) in new[] { (1, folder.At("first")), (2, folder.At("source")) })
        {
            using var served = ServeProcess.StartUnix(folder, $"{chain}@{sequence}");
            Assert.Equal(sequence, served.Ready.Number("sequence"));
            Tool.Run("qemu-img", "compare", "-f", "raw", "-F", "raw", served.Uri, content);
            Tool.Run("nbdcopy", served.Uri, folder.At("copy"));
            Tool.Run("cmp", folder.At("copy"), content);
            var info = JsonElement.Parse(Tool.Run("nbdinfo", "--json", served.Uri).Output);
            var export = info.GetProperty("exports")[0];
            Assert.Equal("newstyle-fixed", info.Text("protocol"));
            Assert.True(info.GetProperty("structured").GetBoolean());
            Assert.Equal(Length, export.Number("export-size"));
            Assert.True(export.GetProperty("is_read_only").GetBoolean());
            Assert.True(export.GetProperty("can_multi_conn").GetBoolean());
            var result = served.Terminate()[^1];
            Assert.Equal("serve", result.Text("verb"));
            Assert.True(result.Number("readBytes") > 0);
            Assert.False(File.Exists(SocketOf(served)));
        }
    }

    [Fact]
    public void Block_status_is_that_of_a_restored_file_and_of_diff()
    {
        Tool.Require("cmp");
        using var served = ServeProcess.StartUnix(folder, $"{chain}@2", "--changed-since", $"{chain}@1");
        var source = File.ReadAllBytes(folder.At("source"));
        long data = 0, zeros = 0;
        foreach (var (offset, length, type) in Map(served, "base:allocation"))
        {
            if (type == 3)
            {
                Assert.Equal(-1, source.AsSpan((int)offset, (int)length).IndexOfAnyExcept((byte)0));
                zeros += length;
            }
            else
            {
                Assert.Equal(0, type);
                data += length;
            }
        }

        Assert.Equal(Length, data + zeros);
        Assert.True(zeros > Length / 4 && data > Length / 8);

        var diff = TidemarkCli.Run("diff", $"{chain}@1", $"{chain}@2", "--json").Succeeded();
        var expected = diff.Events.Where(e => e.Text("event") == "range").Select(e => (e.Number("offset"), e.Number("length")));
        Assert.Equal(expected, Map(served, "tidemark:changed").Where(r => r.Type == 1).Select(r => (r.Offset, r.Length)));
    }

    [Fact]
    public void Qemu_reads_at_any_offset_and_is_refused_a_write()
    {
        using var served = ServeProcess.StartUnix(folder, chain);
        var random = Seed.Random();
        var source = File.ReadAllBytes(folder.At("source"));
        List<string> commands = [];
        for (var i = 0; i < 40; i++)
        {
            // A pattern can be told of one byte only, so zeros and the first byte of anything.
            var offset = random.Next(Length / 512) * 512;
            commands.AddRange(["-c", FormattableString.Invariant($"read -P {source[offset]} {offset} 1")]);
        }

        var read = Tool.Try("qemu-io", ["-r", "-f", "raw", .. commands, served.Uri]);
        Assert.DoesNotContain("Pattern verification failed", read.Output, StringComparison.Ordinal);
        Assert.Equal(0, read.ExitCode);
        Assert.NotEqual(0, Tool.Try("qemu-io", "-f", "raw", "-c", "write 0 512", served.Uri).ExitCode);
        Tool.Run("qemu-img", "compare", "-f", "raw", "-F", "raw", served.Uri, folder.At("source"));
    }

    [Fact]
    public void A_damaged_block_is_an_error_for_its_own_range_and_a_warning()
    {
        // Somewhere in the first image's frames, which noise fills.
        Flip(Path.Combine(chain, "000001.tdi"), 2_000_000);
        using var served = ServeProcess.StartUnix(folder, $"{chain}@1");
        var source = File.ReadAllBytes(folder.At("first"));
        var bad = 0;
        const int Step = 256 << 10;
        var arguments = new List<string>();
        for (var offset = 0; offset + Step <= Length; offset += Step)
        {
            arguments.AddRange(["-c", FormattableString.Invariant($"read {offset} {Step}")]);
        }

        bad = Regex.Count(Tool.Try("qemu-io", ["-r", "-f", "raw", .. arguments, served.Uri]).Output, "read failed: Input/output error");
        Assert.InRange(bad, 1, 4);
        var end = served.Terminate();
        Assert.Contains(end, e => e.Text("event") == "warning");
        Assert.True(end[^1].Number("failures") > 0);
    }

    [Fact]
    public void A_server_ends_with_its_last_client_where_it_is_told_to()
    {
        using var served = ServeProcess.Start($"{chain}@1", "--unix", folder.At("point.sock"), "--exit-when-idle");
        Tool.Run("nbdcopy", $"nbd+unix:///?socket={folder.At("point.sock")}", folder.At("disk.img"));
        Tool.Run("cmp", folder.At("disk.img"), folder.At("first"));
        Assert.Equal(0, served.WaitForEnd()[^1].Number("exitCode"));
    }

    [Fact]
    public void Tcp_and_a_name_of_its_own_work_and_other_names_are_unknown()
    {
        using var served = ServeProcess.Start(chain, "--listen", "127.0.0.1:0", "--export-name", "tuesday");
        Assert.Matches("^nbd://127.0.0.1:[0-9]+/tuesday$", served.Uri);
        Tool.Run("qemu-img", "compare", "-f", "raw", "-F", "raw", served.Uri, folder.At("source"));
        Assert.Contains("tuesday", Tool.Run("nbdinfo", "--list", served.Uri).Output, StringComparison.Ordinal);
        Assert.NotEqual(0, Tool.Try("nbdinfo", served.Uri.Replace("tuesday", "monday", StringComparison.Ordinal)).ExitCode);
    }

    [Fact]
    public void A_socket_of_a_server_that_was_killed_is_taken_over_and_one_in_use_is_not()
    {
        var path = folder.At("socket");
        using (ServeProcess.Start(chain, "--unix", path))
        {
            TidemarkCli.Run("serve", chain, "--unix", path, "--json").Refused(Failed, "failed");
        }

        Assert.True(File.Exists(path));
        using (var again = ServeProcess.Start(chain, "--unix", path))
        {
            again.Terminate();
        }

        File.WriteAllText(path, "precious");
        TidemarkCli.Run("serve", chain, "--unix", path, "--json").Refused(WrongUse, "wrongUse");
        Assert.Equal("precious", File.ReadAllText(path));
    }

    [Fact]
    public void A_partition_is_served_alone()
    {
        var fixture = Fixture.Named("gpt-exfat.vhd");
        var disk = Backup(fixture.Unpack(folder), folder.At("disks")).Text("chain");
        using var served = ServeProcess.StartUnix(folder, $"{disk}#1");
        Tool.Run("nbdcopy", served.Uri, folder.At("served"));
        TidemarkCli.Run("restore", $"{disk}#1", folder.At("restored")).Succeeded();
        Assert.Equal(fixture.Partitions[0].Size, new FileInfo(folder.At("served")).Length);
        Assert.Equal(FileTree.Hash(folder.At("restored")), FileTree.Hash(folder.At("served")));
    }

    [Fact]
    public void Many_connections_read_at_once()
    {
        using var served = ServeProcess.StartUnix(folder, chain);
        Parallel.For(0, 6, new ParallelOptions { MaxDegreeOfParallelism = 6 }, i =>
        {
            Tool.Run("nbdcopy", "--connections=8", "--threads=8", "--requests=64", served.Uri, folder.At($"copy{i}"));
            Tool.Run("cmp", folder.At($"copy{i}"), folder.At("source"));
        });
        Assert.True(served.Terminate()[^1].Number("connections") >= 6 * 4);
    }

    internal static List<(long Offset, long Length, int Type)> Map(ServeProcess served, string context)
    {
        var map = JsonElement.Parse(Tool.Run("nbdinfo", "--json", $"--map={context}", served.Uri).Output);
        List<(long, long, int)> ranges = [];
        foreach (var range in map.EnumerateArray())
        {
            ranges.Add((range.Number("offset"), range.Number("length"), (int)range.Number("type")));
        }

        return ranges;
    }

    private static string SocketOf(ServeProcess served) => served.Uri[(served.Uri.IndexOf("socket=", StringComparison.Ordinal) + 7)..];
}
