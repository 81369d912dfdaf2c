using Tidemark.Cli.Output;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Progress;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>
/// Standard streams that are full, closed or read by nobody: a run does all it was asked for and ends as it would have.
/// </summary>
[DiffersBySystem]
[Case("3.1")]
public sealed class StandardStreamTests : IDisposable
{
    private readonly TempFolder folder = new("streams");
    private readonly string source;
    private readonly string store;
    private readonly string chain;

    public StandardStreamTests()
    {
        source = Cli.Noise(folder, "source", 300_000);
        store = folder.At("store");
        var request = new BackupRequest { Source = SourceLocation.Parse(source), Store = StoreLocation.Parse(store) };
        chain = Backup.Run(request, new NoObserver()).Chain;
        Cli.Overwrite(source, 4096, 5000, 2);
        Backup.Run(request, new NoObserver());
    }

    public static TheoryData<string> Streams =>
    [
        ">/dev/full", "2>/dev/full", ">/dev/full 2>&1", ">&-", "2>&-", "<&-", "<&- >&- 2>&-", ">&- 2>&-", "| true", "2>&1 | true",
    ];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Streams))]
    public void A_backup_is_made_whatever_becomes_of_its_words(string streams)
    {
        string[] words = ["backup", source, "--to", store];
        foreach (var all in new[] { words, [.. words, "--json"] })
        {
            var before = Images();
            Assert.Equal(Cli.Done, Run(streams, all));
            Assert.Equal(before + 1, Images());
        }

        // Nothing of what was said got into a file that was opened.
        var verified = Verify.Run(new VerifyRequest { Subject = ImageAddress.Parse(chain), Depth = VerifyDepth.Deep, Against = SourceLocation.Parse(source) }, new NoObserver());
        Assert.Empty(verified.Findings);
        Assert.Equal(0, verified.DifferentRanges);
    }

    [Theory]
    [InlineData(">/dev/full 2>&1")]
    [InlineData("<&- >&- 2>&-")]
    public void Every_verb_ends_as_it_would_have(string streams)
    {
        (int Code, string[] Words)[] runs =
        [
            (Cli.Done, ["list", store, "--json"]), (Cli.Done, ["list", store]), (Cli.Done, ["show", chain]), (Cli.Done, ["sources"]),
            (Cli.Done, ["restore", chain, folder.At("target"), "--json"]), (Cli.WrongUse, ["restore", $"{chain}@9", folder.At("none")]),
            (Cli.Done, ["export", chain, folder.At("disk.vhdx")]), (Cli.Done, ["import", folder.At("disk.vhdx"), "--to", folder.At("imported"), "--json"]),
            (Cli.Done, ["diff", $"{chain}@1", $"{chain}@2"]), (Cli.Done, ["verify", chain, "--json"]), (Cli.Done, ["repair", chain]),
            (Cli.Done, ["heal", chain, "--from", source, "--json"]), (Cli.Done, ["unlock", chain]), (Cli.WrongUse, ["key", chain]),
            (Cli.Done, ["--help"]), (Cli.Done, ["--version"]), (Cli.WrongUse, []), (Cli.WrongUse, ["nosuch", "--json"]),
        ];
        foreach (var (code, words) in runs)
        {
            Assert.Equal((code, words), (Run(streams, words), words));
        }

        Assert.Equal(FileTree.Hash(source), FileTree.Hash(folder.At("target")));
        TidemarkCli.Run("verify", folder.At("imported"), "--deep").Succeeded();
        Cli.Flip(Path.Combine(chain, "000001.tdi"), 100_000);
        Assert.Equal(Cli.Damaged, Run(streams, "verify", chain));
    }

    [Fact]
    public void A_server_goes_on_without_anybody_to_tell()
    {
        Tool.Require("bash", "nbdinfo", "kill");
        var socket = folder.At("socket");
        var (program, leading) = TidemarkCli.Command;
        var command = string.Join(' ', [program, .. leading, "serve", chain, "--unix", socket, "--exit-when-idle"]);
        var script = $"{command} >/dev/full <&- & until [ -S {socket} ]; do kill -0 $! || exit 9; done; nbdinfo --size 'nbd+unix:///?socket={socket}'; wait $!";
        Assert.Equal("300000", Tool.Run("bash", "-c", script).Output.Trim());
    }

    [Fact]
    public void A_bar_stands_where_the_results_are_lost()
    {
        Tool.Require("script");
        var (program, leading) = TidemarkCli.Command;
        var command = string.Join(' ', [program, .. leading, "backup", source, "--to", store]) + " >/dev/full";
        var shown = Tool.Start(
            "script", ["--quiet", "--return", "--command", command, "/dev/null"], Patience.Limit,
            environment: new Dictionary<string, string?> { ["TERM"] = "xterm-256color" });
        Assert.Contains("Standard output can't be written to", shown.Succeeded().Output, StringComparison.Ordinal);
        Assert.Equal(3, Images());
    }

    [Fact]
    public void Lost_results_are_told_once_on_standard_error()
    {
        Tool.Require("bash");
        foreach (var more in new[] { "", " --json" })
        {
            var result = Tool.Run("bash", "-c", $"{Command("list", store)}{more} >/dev/full");
            Assert.StartsWith("tidemark: warning: Standard output can't be written to (No space left on device).", result.Error, StringComparison.Ordinal);
            Assert.Equal(1, result.Error.Count(c => c == '\n'));
        }
    }

    [Fact]
    public void A_stream_that_failed_once_gets_no_more()
    {
        var inner = new FailingStream();
        var reasons = new List<string>();
        using var stream = new LastingStream(inner, reasons.Add);
        stream.Write("one\n"u8);
        inner.Full = true;
        stream.Write("two\n"u8);
        stream.Flush();
        inner.Full = false;
        stream.Write("three\n"u8);
        Assert.Equal("one\n"u8, inner.ToArray());
        Assert.Equal("Full.", Assert.Single(reasons));
    }

    private int Images() => Directory.GetFiles(chain, "*.tdi").Length;

    private static string Command(params string[] words)
    {
        var (program, leading) = TidemarkCli.Command;
        return string.Join(' ', [program, .. leading, .. words]);
    }

    /// <summary>The program's own exit code, also at the head of a pipe.</summary>
    private static int Run(string streams, params string[] words)
    {
        Tool.Require("bash");
        return Tool.Try("bash", "-c", $"{Command(words)} {streams}; exit ${{PIPESTATUS[0]}}").ExitCode;
    }

    private sealed class FailingStream : MemoryStream
    {
        public bool Full { get; set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (Full)
            {
                throw new IOException("Full.");
            }

            base.Write(buffer);
        }
    }
}
