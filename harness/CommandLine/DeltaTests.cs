using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>A restore onto an older copy of the same volume, and one that isn't to be noticed.</summary>
public sealed class DeltaTests : IDisposable
{
    private const int Size = 8 << 20;

    private const int BlockSize = 4096;

    private readonly TempFolder folder = new("delta");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Only_what_differs_is_written_and_the_target_is_the_image_then()
    {
        var source = Cli.Noise(folder, "source", Size);
        File.Copy(source, folder.At("copy"));
        var store = folder.At("store");
        var first = Cli.Backup(source, store);
        Cli.Overwrite(source, 5 * BlockSize, 3 * BlockSize, 2);
        Cli.Overwrite(source, 100 * BlockSize, 10, 3);
        File.WriteAllBytes(folder.At("zeros"), new byte[20 * BlockSize]);
        using (var file = new FileStream(source, FileMode.Open, FileAccess.Write))
        {
            file.Position = 200 * BlockSize;
            file.Write(new byte[20 * BlockSize]);
        }

        var second = Cli.Backup(source, store);
        var copy = folder.At("copy");
        Assert.Contains(
            "--force", TidemarkCli.Run("restore", second.At(2), copy, "--delta", "--json").Refused(Cli.WrongUse, "wrongUse"),
            StringComparison.Ordinal);
        var result = TidemarkCli.Run("restore", second.At(2), copy, "--delta", "--force", "--json").Succeeded().Result;
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(copy));
        Assert.Equal(4 * BlockSize, result.Number("writtenBytes"));
        Assert.Equal(Size, result.Number("readBytes"));

        // Back again, and once more, when nothing differs.
        TidemarkCli.Run("restore", first.At(1), copy, "--delta", "--force").Succeeded();
        result = TidemarkCli.Run("restore", first.At(1), copy, "--delta", "--force", "--json").Succeeded().Result;
        Assert.Equal(0, result.Number("writtenBytes"));
        TidemarkCli.Run("verify", first.At(1), "--against", copy).Succeeded();
    }

    [Theory]
    [InlineData(Size - 5000)]
    [InlineData(Size + 70_000)]
    public void A_file_of_another_size_gets_the_images(int length)
    {
        var source = Cli.Noise(folder, "source", Size - 123);
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        var target = Cli.Noise(folder, "target", length);
        TidemarkCli.Run("restore", chain, target, "--delta", "--force").Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(target));
    }

    [Fact]
    public void Where_there_is_no_target_yet_all_is_restored()
    {
        var source = Cli.Noise(folder, "source", Size);
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        var result = TidemarkCli.Run("restore", chain, folder.At("target"), "--delta", "--json").Succeeded().Result;
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(folder.At("target")));
        Assert.Equal(0, result.Number("readBytes"));
    }

    [Fact]
    public void A_device_is_compared_as_far_as_the_image_reaches()
    {
        Root.Require();
        var source = Cli.Noise(folder, "source", Size);
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        var disk = Cli.Noise(folder, "disk", Size + (1 << 20));
        var tail = File.ReadAllBytes(disk)[Size..];
        using (var device = LoopDevice.Attach(disk))
        {
            TidemarkCli.Run("restore", chain, device, "--delta", "--force").Succeeded();
            device.Flush();
        }

        var after = File.ReadAllBytes(disk);
        Assert.Equal(File.ReadAllBytes(source), after[..Size]);
        Assert.Equal(tail, after[Size..]);
    }

    [Fact]
    public void A_rate_is_kept()
    {
        var source = Cli.Noise(folder, "source", Size);
        string[] slow = ["--max-rate", "16M", "--background"];
        var backup = Cli.Backup(source, folder.At("store"), slow);

        // Half a second for 8 MiB, less what a run may be ahead by: the requests in flight.
        Assert.InRange(backup.GetProperty("seconds").GetDouble(), 0.2, 60);
        var chain = backup.Text("chain");
        var restored = TidemarkCli.Run(["restore", chain, folder.At("target"), "--json", .. slow]).Succeeded().Result;
        Assert.InRange(restored.GetProperty("seconds").GetDouble(), 0.2, 60);
        var verified = TidemarkCli.Run(["verify", chain, "--json", .. slow]).Succeeded().Result;
        Assert.InRange(verified.GetProperty("seconds").GetDouble(), 0.2, 60);
        string[][] more =
        [
            ["export", chain, folder.At("disk.qcow2")], ["import", source, "--to", folder.At("imported")], ["repair", chain],
            ["heal", chain, "--from", source],
        ];
        foreach (var run in more)
        {
            var paced = TidemarkCli.Run([.. run, "--json", .. slow]).Succeeded().Result;
            Assert.InRange(paced.GetProperty("seconds").GetDouble(), 0.2, 60);
            TidemarkCli.Run([.. run, "--max-rate", "0", "--json"]).Refused(Cli.WrongUse, "wrongUse");
        }

        TidemarkCli.Run("backup", source, "--to", folder.At("store"), "--max-rate", "0", "--json").Refused(Cli.WrongUse, "wrongUse");
    }
}
