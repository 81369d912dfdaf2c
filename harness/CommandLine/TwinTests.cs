using System.Buffers.Binary;
using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>Two sources that carry one id, as machines made from a template do: who shares a chain is told, and who doesn't isn't.</summary>
[Case("2.4")]
[DiffersBySystem]
public sealed class TwinTests : IDisposable
{
    private const int MiB = 1 << 20;

    private readonly TempFolder folder = new("twins");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Disk_files_of_one_template_that_take_turns_in_a_chain_are_warned_of()
    {
        var first = Template("vm1.img", 1);
        var second = Template("vm2.img", 2);
        Assert.Empty(Warnings(Backup(first)));
        Assert.Empty(Warnings(Backup(second)));
        Assert.Contains("take turns", Assert.Single(Warnings(Backup(first))), StringComparison.Ordinal);
        Assert.Contains("take turns", Assert.Single(Warnings(Backup(second))), StringComparison.Ordinal);
        Assert.Empty(Warnings(Backup(second)));
    }

    [Fact]
    public void Copies_and_moves_of_one_file_stay_quiet()
    {
        for (var i = 0; i < 4; i++)
        {
            // As a snapshot or a reflink copy: another inode each time, under the same name or another.
            var copy = Template(i % 2 == 0 ? "copy.img" : $"copy{i}.img", i);
            Assert.Empty(Warnings(Backup(copy)));
            File.Delete(copy);
        }
    }

    [Fact]
    public void The_chain_that_was_made_of_this_very_source_goes_before_the_other_ones_ordinary_chain()
    {
        var first = Template("vm1.img", 1);
        var second = Template("vm2.img", 2);
        var ordinary = Backup(first).Result.Text("chain");
        var named = Backup(second, "--chain", "vm2").Result.Text("chain");
        var result = Backup(second);
        Assert.Equal(named, result.Result.Text("chain"));
        Assert.Contains("carries the same id", Assert.Single(Warnings(result)), StringComparison.Ordinal);
        Assert.Equal(ordinary, Backup(first).Result.Text("chain"));

        // A second chain of one source stays the one that has to be named.
        Backup(first, "--chain", "weekly");
        var again = Backup(first);
        Assert.Equal(ordinary, again.Result.Text("chain"));
        Assert.Empty(Warnings(again));
    }

    [Theory]
    [InlineData("vm2", "/dev/vda", 8, null, false)] // Another machine, and nothing else is known to differ.
    [InlineData("vm2", "/dev/vda", 9, null, true)] // And another size.
    [InlineData("vm2", "/dev/sdb", 9, null, true)] // Another size.
    [InlineData("vm2", "/dev/sdb", 8, "other", true)] // Another disk.
    [InlineData("vm2", "/dev/sdb", 8, "serial", false)] // The same disk, carried there.
    [InlineData("vm1", "/dev/sdb", 9, "other", false)] // A mirror's other half, or the disk that replaced it.
    public void What_is_elsewhere_in_every_way_is_warned_of(string machine, string path, int size, string? serial, bool warned)
    {
        var image = Template("image", 1);
        Backup(image);
        using var chain = Chain.Load(LocalStoreFolder.Open(Directory.GetDirectories(folder.At("store")).Single()));
        var header = chain.Tip!.Header;
        var id = SourceIdentity.Of(header.Identity.Items.Where(item => item.Kind < IdentityKind.FileNode));
        var was = SourceTrace.Of(
            header with { Identity = id, SourceBytes = 8 }, new ImageMetadata { Machine = "vm1", Source = "/dev/vda", Serial = "serial", System = "Linux" });
        var now = SourceTrace.Of(
            header with { Identity = id, SourceBytes = size }, new ImageMetadata { Machine = machine, Source = path, Serial = serial, System = "Linux" });
        Assert.Equal(warned, was.IsElsewhere(now));
        Assert.Equal(warned, now.IsElsewhere(was));

        // Carried between systems, each of which reads another serial number off it.
        var windows = SourceTrace.Of(
            header with { Identity = id, SourceBytes = size },
            new ImageMetadata { Machine = machine, Source = path, Serial = serial, System = "Microsoft Windows 10.0.22631" });
        Assert.False(was.IsElsewhere(windows));
    }

    /// <summary>A disk with the template's id and something of its own.</summary>
    private string Template(string name, int seed)
    {
        var path = Cli.Noise(folder, name, MiB, seed);
        var mbr = new byte[512];
        BinaryPrimitives.WriteUInt32LittleEndian(mbr.AsSpan(440), 0x7E3A91C4);
        mbr[450] = 0x83;
        BinaryPrimitives.WriteUInt32LittleEndian(mbr.AsSpan(454), 64);
        BinaryPrimitives.WriteUInt32LittleEndian(mbr.AsSpan(458), 64);
        (mbr[510], mbr[511]) = (0x55, 0xAA);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
        RandomAccess.Write(file, mbr, 0);
        return path;
    }

    private CliResult Backup(string source, params string[] more) =>
        TidemarkCli.Run(["backup", source, "--to", folder.At("store"), "--json", .. more]).Succeeded();

    private static IEnumerable<string> Warnings(CliResult result) =>
        result.Events.Where(e => e.Text("event") == "warning").Select(e => e.Text("message"));
}
