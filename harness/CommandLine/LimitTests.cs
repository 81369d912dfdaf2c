using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>Limits that a shell or a full disk sets, and what is left of a run then.</summary>
[DiffersBySystem]
[Case("3.20")]
public sealed class LimitTests : IDisposable
{
    private readonly TempFolder folder = new("limits");

    public LimitTests() => OnlyOn.Linux();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_limit_on_the_size_of_files_is_a_message()
    {
        Tool.Require("bash");
        var source = Cli.Noise(folder, "source", 3_000_000);
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        foreach (var words in new[]
        {
            $"backup {source} --to {folder.At("other")}", $"restore {chain} {folder.At("target")}", $"export {chain} {folder.At("disk.vhd")}",
        })
        {
            // In units of 1 KiB.
            var result = Tool.Try("bash", "-c", $"ulimit -f 1000; {Command} {words}").EndedWith(Cli.Failed);
            Assert.Contains("large", result.Error, StringComparison.Ordinal);
            Assert.DoesNotContain("defect", result.Error, StringComparison.Ordinal);
        }

        TidemarkCli.Run("backup", source, "--to", folder.At("other")).Succeeded();
        TidemarkCli.Run("verify", folder.At("other")).Succeeded();
    }

    [Fact]
    public void A_trace_that_cannot_be_written_is_given_up_with_a_note()
    {
        Root.Require();
        var source = Cli.Noise(folder, "source", 4 << 20);
        var full = folder.Folder("full");
        Tool.Run("mount", "-t", "tmpfs", "-o", "size=4k", "tidemark-test", full);
        try
        {
            var told = TidemarkCli.Run("backup", source, "--to", folder.At("store"), "--trace", Path.Combine(full, "trace")).Succeeded();
            Assert.Contains("isn't complete: No space left on device", told.Error, StringComparison.Ordinal);
            Assert.Contains("Image 1 (full)", told.Output, StringComparison.Ordinal);
            File.Delete(Path.Combine(full, "trace"));

            Cli.Overwrite(source, 0, 4 << 20, 2);
            var json = TidemarkCli.Run("backup", source, "--to", folder.At("store"), "--trace", Path.Combine(full, "trace"), "--json").Succeeded();
            Assert.Contains("isn't complete", Assert.Single(json.Events, e => e.Text("event") == "warning").Text("message"), StringComparison.Ordinal);
            Assert.Equal(2, json.Result.Number("sequence"));
        }
        finally
        {
            Tool.Run("umount", full);
        }

        TidemarkCli.Run("verify", folder.At("store")).Succeeded();
    }

    [Fact]
    public void An_overlay_is_its_owners_alone()
    {
        Tool.Require("bash", "nbdinfo", "kill");
        var chain = Cli.Backup(Cli.Noise(folder, "source", 300_000), folder.At("store")).Text("chain");
        var (overlay, socket) = (folder.At("overlay"), folder.At("socket"));
        Tool.Run(
            "bash", "-c",
            $"umask 0; {Command} serve {chain} --unix {socket} --overlay {overlay} --exit-when-idle >/dev/null & "
            + $"until [ -S {socket} ]; do kill -0 $! || exit 9; done; nbdinfo --size 'nbd+unix:///?socket={socket}'; wait $!");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(overlay));
    }

    private static string Command
    {
        get
        {
            var (program, leading) = TidemarkCli.Command;

            // The runtime, where it isn't native, keeps its code in a file that is as large as it likes.
            return string.Join(' ', ["DOTNET_EnableWriteXorExecute=0", program, .. leading]);
        }
    }
}
