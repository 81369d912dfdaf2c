using Tidemark.Engine.Devices;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>A disk's image restored to a raw device of Windows that is larger.</summary>
[DiffersBySystem]
[Collection(RawDrive.Collection)]
public sealed class WindowsFitTests : IDisposable
{
    private readonly TempFolder folder = new("winfit");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_table_moves_to_the_end_of_a_larger_disk_unless_the_bytes_alone_are_wanted()
    {
        var path = RawDrive.Path;
        var fixture = Fixture.Named("gpt-exfat.vhd");
        var chain = Cli.Backup(fixture.Unpack(folder), folder.At("store"), "--all-blocks").Text("chain");
        var result = TidemarkCli.Run("restore", chain, path, "--force", "--json").Succeeded().Result;
        Assert.Contains("moved to the target's end", result.GetProperty("fitted")[0].GetString(), StringComparison.Ordinal);
        var sector = new byte[512];
        using (var device = RawDevice.OpenRead(path))
        {
            Assert.Equal(result.Number("targetBytes"), device.Length);
            device.ReadAt(device.Length - sector.Length, sector);
            Assert.StartsWith("EFI PART", System.Text.Encoding.ASCII.GetString(sector), StringComparison.Ordinal);
        }

        var partition = FormattableString.Invariant($"{chain}#1");
        TidemarkCli.Run("restore", partition, folder.At("partition")).Succeeded();
        using (var device = RawDevice.OpenRead(path))
        {
            var content = new byte[fixture.Partitions[0].Size];
            device.ReadAt(fixture.Partitions[0].Offset, content);
            Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(folder.At("partition"))));
        }

        result = TidemarkCli.Run("restore", chain, path, "--as-is", "--delta", "--force", "--json").Succeeded().Result;
        Assert.Equal(0, result.GetProperty("fitted").GetArrayLength());
        Assert.InRange(result.Number("writtenBytes"), 1, 1 << 20);
        using (var device = RawDevice.OpenRead(path))
        {
            device.ReadAt(fixture.VirtualSize - sector.Length, sector);
            Assert.StartsWith("EFI PART", System.Text.Encoding.ASCII.GetString(sector), StringComparison.Ordinal);
        }
    }
}
