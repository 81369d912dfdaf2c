using Tidemark.Engine.Devices;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Tidemark.Harness.VirtualDisks;
using Xunit;
using static Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Exporting;

/// <summary>Size and sectors of exported disks: as they were, unless something else is asked for.</summary>
public sealed class ExportShapeTests : IDisposable
{
    private const int MiB = 1 << 20;

    private readonly TempFolder folder = new("shape");

    public void Dispose() => folder.Dispose();

    [Theory]
    [Case("3.10")]
    [InlineData(2 * MiB)]
    [InlineData((2 * MiB) + 1)]
    [InlineData((2 * MiB) - 512)]
    [InlineData((2 * MiB) + 512)]
    [InlineData(1)]
    public void A_fixed_vhd_of_whole_mebibytes_is_made_or_advised(int size)
    {
        var source = Noise(folder, "source", size);
        var chain = Backup(source, folder.At("store")).Text("chain");
        var plain = TidemarkCli.Run("export", chain, folder.At("plain.vhd"), "--format", "vhd-fixed", "--json").Succeeded().Result;
        Assert.Equal(size % MiB != 0, Notes(plain).Any(note => note.Contains("rounded up to 1M", StringComparison.Ordinal)));
        var aligned = TidemarkCli.Run("export", chain, folder.At("azure.vhd"), "--format", "vhd-fixed", "--align", "1M", "--json").Succeeded().Result;
        var whole = (size + MiB - 1) / MiB * MiB;
        Assert.Equal(whole, aligned.Number("diskBytes"));
        Assert.Equal(whole + 512, new FileInfo(folder.At("azure.vhd")).Length);
        Assert.Equal(size % MiB != 0, Notes(aligned).Any(note => note.Contains("all zeros", StringComparison.Ordinal)));
        using var disk = Disks.Open(RawDevice.OpenRead(folder.At("azure.vhd")));
        var content = Disks.ReadAll(disk);
        Assert.Equal(File.ReadAllBytes(source), content[..size]);
        Assert.False(content.AsSpan(size).ContainsAnyExcept((byte)0));
    }

    [Theory]
    [Case("3.10")]
    [InlineData("vhd")]
    [InlineData("vhdx")]
    [InlineData("raw")]
    public void Every_format_can_be_rounded_up_and_steps_that_are_none_are_refused(string format)
    {
        var chain = Backup(Noise(folder, "source", MiB + 512), folder.At("store")).Text("chain");
        var made = TidemarkCli.Run("export", chain, folder.At("disk"), "--format", format, "--align", "4M", "--json").Succeeded().Result;
        Assert.Equal(4 * MiB, made.Number("diskBytes"));
        string[] steps = format == "raw" ? ["0"] : ["0", "100"];
        foreach (var wrong in steps)
        {
            TidemarkCli.Run("export", chain, folder.At("x"), "--format", format, "--align", wrong, "--json").Refused(WrongUse, "wrongUse");
        }
    }

    [Theory]
    [Case("3.15")]
    [InlineData(512, 512)]
    [InlineData(512, 4096)]
    [InlineData(4096, 512)]
    [InlineData(4096, 4096)]
    public void A_vhdx_comes_out_with_the_sectors_it_had(int logical, int physical)
    {
        var builder = new VhdxBuilder(4 * MiB) { SectorSize = logical, PhysicalSectorSize = physical };
        builder.Write(0, Disks.Pattern(MiB, 1));
        File.WriteAllBytes(folder.At("in.vhdx"), builder.Build());
        var chain = Backup(folder.At("in.vhdx"), folder.At("store")).Text("chain");
        TidemarkCli.Run("export", chain, folder.At("out.vhdx")).Succeeded();
        using var disk = Disks.Open(RawDevice.OpenRead(folder.At("out.vhdx")));
        Assert.Equal((logical, physical), (disk.Geometry.LogicalSectorSize, disk.Geometry.PhysicalSectorSize));
    }

    private static IEnumerable<string> Notes(System.Text.Json.JsonElement result) =>
        result.GetProperty("notes").EnumerateArray().Select(note => note.GetString()!);
}
