using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.RealFaults;

/// <summary>Stores on file systems in user space that lack what others have: mergerfs direct writes, rclone links.</summary>
[Case("3.2")]
public sealed class OddStoreTests : IDisposable
{
    private readonly TempFolder place = new("odd");

    public void Dispose() => place.Dispose();

    [Theory]
    [InlineData("mergerfs", "")]
    [InlineData("mergerfs", "pread")]
    [InlineData("rclone", "")]
    public void A_chain_lives_on_it(string fileSystem, string queue)
    {
        using var mount = UserMount.Make(place, fileSystem);
        var environment = new Dictionary<string, string?> { ["TIDEMARK_IO"] = queue.Length > 0 ? queue : null };
        var source = TestCli.Noise(place, "source", 9 << 20);
        var store = Path.Combine(mount.Folder, "store");
        for (var i = 1; i <= 2; i++)
        {
            var result = TidemarkCli.Run(
                ["backup", source, "--to", store, "--json", .. i == 2 ? new[] { "--split", "1M" } : []], environment).Succeeded().Result;
            Assert.Contains(Notes(result), n => n.Contains("page cache", StringComparison.Ordinal));
            var chain = result.Text("chain");
            TidemarkCli.Run("verify", chain, "--deep").Succeeded();
            TidemarkCli.Run(["restore", chain, Path.Combine(mount.Folder, $"restored{i}")], environment).Succeeded();
            Assert.Equal(FileTree.Hash(source), FileTree.Hash(Path.Combine(mount.Folder, $"restored{i}")));
            TidemarkCli.Run(["export", chain, Path.Combine(mount.Folder, $"disk{i}.qcow2")], environment).Succeeded();
            TestCli.Overwrite(source, 1 << 20, 3 << 20, i);
        }
    }

    [Fact]
    public void A_mount_that_takes_writes_in_order_only_is_named()
    {
        using var mount = UserMount.Make(place, "rclone", "--vfs-cache-mode", "off");
        var source = TestCli.Noise(place, "source", 20 << 20);
        var result = TidemarkCli.Run("backup", source, "--to", Path.Combine(mount.Folder, "store"), "--json");
        if (result.ExitCode != TestCli.Done)
        {
            Assert.NotEqual("", result.Refused(TestCli.Failed, "failed"));
        }
    }

    private static IEnumerable<string> Notes(System.Text.Json.JsonElement result) =>
        result.GetProperty("notes").EnumerateArray().Select(n => n.GetString()!);
}
