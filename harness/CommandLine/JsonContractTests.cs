using System.Net.Sockets;
using Tidemark.Harness.Mounting;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>What <c>--json</c> writes is what <c>engine/cli/JSON.md</c> says, field by field.</summary>
[DiffersBySystem]
public sealed class JsonContractTests : IDisposable
{
    private readonly TempFolder folder = new("json");
    private readonly JsonSchema schema = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Every_verb_writes_what_is_documented_and_all_of_it()
    {
        var source = Cli.Noise(folder, "source", 3_000_000);
        var store = folder.At("store");
        var first = Run(Cli.Done, "backup", source, "--to", store);
        var chain = first.Result.Text("chain");
        Assert.Equal(source, first.Result.Text("source"));
        Assert.Contains(first.Events, e => e.Text("event") == "progress");
        Cli.Overwrite(source, 1_000_000, 5000, 2);
        Run(Cli.Done, "backup", source, "--to", store);
        File.Copy(source, folder.At("third"));
        Run(Cli.Done, "backup", source, "--to", store);

        Cli.Noise(folder, "other", 100_000, 7);
        var both = Run(Cli.Done, "backup", source, folder.At("other"), "--to", folder.At("several"));
        Assert.Equal(2, both.Events.Count(e => e.Text("event") == "image"));
        // A footer's cookie with nothing behind it is a VHD that can't be read.
        File.WriteAllBytes(folder.At("torn.vhd"), [.. "conectix"u8, .. new byte[504]]);
        var partly = Run(Cli.Damaged, "backup", folder.At("torn.vhd"), folder.At("other"), "--to", folder.At("several")).Result;
        Assert.Equal((1, 1), (partly.GetProperty("images").GetArrayLength(), partly.GetProperty("failed").GetArrayLength()));

        Run(Cli.Done, "list", store);
        Run(Cli.Done, "show", chain);
        Run(Cli.Done, "restore", chain, folder.At("target"));
        Run(Cli.Done, "export", chain, folder.At("disk.vhdx"));
        Run(Cli.Done, "import", folder.At("disk.vhdx"), "--to", folder.At("imported"));
        Run(Cli.Done, "verify", chain, "--deep");
        Run(Cli.Done, "verify", chain, "--against", source);
        var diff = Run(Cli.Done, "diff", $"{chain}@1", $"{chain}@2");
        Assert.Equal(diff.Result.Number("changedRanges"), diff.Events.Count(e => e.Text("event") == "range"));
        Assert.Equal(
            diff.Result.Number("changedBytes"), diff.Events.Where(e => e.Text("event") == "range").Sum(e => e.Number("length")));

        Cli.Overwrite(source, 2_000_000, 5000, 3);
        var differs = Run(Cli.Failed, "verify", chain, "--against", source).Result;
        Assert.Equal(differs.Number("differentRanges"), differs.GetProperty("differences").GetArrayLength());
        Assert.Equal(Cli.Failed, differs.Number("exitCode"));

        File.WriteAllText(folder.At("old"), "one");
        File.WriteAllText(folder.At("new"), "two");
        var encrypted = Run(Cli.Done, "backup", source, "--to", folder.At("secret"), "--passphrase-file", folder.At("old")).Result.Text("chain");
        Run(Cli.Done, "unlock", encrypted);
        Run(Cli.Done, "key", encrypted, "--passphrase-file", folder.At("old"), "--new-passphrase-file", folder.At("new"));
        Run(Cli.Done, "show", encrypted);

        // Damage in a frame, then in a footer.
        Cli.Flip(Path.Combine(chain, "000001.tdi"), 500_000);
        Assert.NotEqual(0, Run(Cli.Damaged, "restore", chain, folder.At("target"), "--force").Result.Number("damagedBytes"));
        Assert.NotEqual(0, Run(Cli.Damaged, "verify", chain).Result.GetProperty("findings").GetArrayLength());
        Cli.Flip(Path.Combine(chain, "000003.tdi"), new FileInfo(Path.Combine(chain, "000003.tdi")).Length - 5);
        Assert.Equal(1, Run(Cli.Done, "list", store).Result.Number("broken"));
        // The newest image can't be built on, which is worth a warning.
        Assert.Contains(Run(Cli.Done, "backup", source, "--to", store).Events, e => e.Text("event") == "warning");

        // The footer comes back; a frame with a byte turned over doesn't, and is no reason to lose its image.
        Assert.Equal(Cli.Damaged, Run(Cli.Damaged, "repair", chain).Result.Number("exitCode"));
        Assert.Equal(0, Run(Cli.Done, "list", store).Result.Number("broken"));

        Assert.Equal(Cli.Done, Run(Cli.Done, "heal", chain, "--from", source).Result.Number("exitCode"));
        Assert.Equal(0, Run(Cli.Done, "verify", chain).Result.GetProperty("findings").GetArrayLength());

        Run(Cli.WrongUse, "backup", source);
        Run(Cli.WrongUse, "--json");
        Run(Cli.Done, "sources");
        using (var served = ServeProcess.Start(encrypted, "--listen", "127.0.0.1:0", "--passphrase-file", folder.At("new"), "--exit-when-idle"))
        {
            schema.Check(served.Ready);
            using (new TcpClient("127.0.0.1", new Uri(served.Uri).Port))
            {
            }

            Assert.All(served.WaitForEnd(), schema.Check);
        }

        // A container without block devices has no source to show.
        Assert.Empty(schema.Unseen.Except(["Object source"]).Except(MountJsonTests.Tables));
        Assert.True(schema.Tables.Count > 15, "JSON.md was not read");
    }

    [Fact]
    public void The_fields_that_others_rely_on_have_these_names()
    {
        var source = Cli.Noise(folder, "source", 200_000);
        var result = Cli.Backup(source, folder.At("store"));
        string[] fields =
        [
            "chain", "imageId", "sequence", "kind", "sourceBytes", "readBytes", "blockSize", "changedBlocks", "changedBytes",
            "storedBytes", "indexBytes", "unreadableBytes", "reader", "seconds", "cpuSeconds",
        ];
        Assert.All(fields, field => Assert.True(result.TryGetProperty(field, out _), field));
        Assert.Equal("full", result.Text("kind"));
        Assert.Equal(1, result.Number("sequence"));
        Assert.Equal(200_000, result.Number("sourceBytes"));
        Assert.Equal(49, result.Number("changedBlocks"));
        Assert.Equal(49 * 4096, result.Number("changedBytes"));
        Assert.Contains(result.Text("reader"), new[] { "io_uring", "overlapped", "pread" });
        Assert.Equal(Directory.GetFiles(result.Text("chain"), "*.tdi*").Sum(f => new FileInfo(f).Length), result.Number("storedBytes"));
    }

    private CliResult Run(int exitCode, params string[] arguments)
    {
        var result = TidemarkCli.Run(arguments.Contains("--json") ? arguments : [.. arguments, "--json"]).EndedWith(exitCode);
        Assert.NotEmpty(result.Events);
        Assert.All(result.Events, schema.Check);
        Assert.All(result.Events.SkipLast(1), e => Assert.DoesNotContain(e.Text("event"), new[] { "result", "error" }));
        var last = result.Last;
        Assert.Equal(exitCode, last.Number(last.Text("event") == "error" ? "code" : "exitCode"));
        Assert.Empty(result.Error);
        return result;
    }
}
