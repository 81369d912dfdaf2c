using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>Paths of the form <c>link/../name</c>: what is checked is what is written, in every verb.</summary>
[Case("4.11")]
[Case("1.3")]
[Case("1.4")]
[DiffersBySystem]
public sealed class StepBackTests : IDisposable
{
    private readonly TempFolder folder = new("step-back");
    private readonly string chain;

    public StepBackTests()
    {
        OnlyOn.Linux();
        chain = Cli.Backup(Cli.Noise(folder, "disk", 300_000), folder.At("store")).Text("chain");
        Directory.CreateDirectory(folder.At("elsewhere", "d"));
        Directory.CreateDirectory(folder.At("elsewhere", Path.GetFileName(chain)));
        // By its text link/.. is the store; the system goes to "elsewhere".
        Directory.CreateSymbolicLink(folder.At("store", "link"), folder.At("elsewhere", "d"));
        Directory.CreateSymbolicLink(folder.At("back"), folder.At("elsewhere", "d"));
        Directory.CreateSymbolicLink(folder.At("elsewhere", "d", "in"), folder.At("store", Path.GetFileName(chain)));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_chains_file_that_the_text_names_is_not_written()
    {
        var image = Path.Combine(chain, "000001.tdi");
        var before = FileTree.Hash(image);
        var text = Path.Combine(folder.At("store"), "link", "..", Path.GetFileName(chain), "000001.tdi");
        var there = folder.At("elsewhere", Path.GetFileName(chain), "000001.tdi");
        TidemarkCli.Run("export", chain, text, "--format", "raw", "--force").Succeeded();
        Assert.Equal(before, FileTree.Hash(image));
        Assert.Equal(FileTree.Hash(folder.At("disk")), FileTree.Hash(there));
        File.Delete(there);
        TidemarkCli.Run("restore", chain, text, "--force").Succeeded();
        Assert.Equal(before, FileTree.Hash(image));
        Assert.True(File.Exists(there));

        // And one that the system finds is refused, though the text is another place.
        var into = Path.Combine(folder.At("back"), "in", "..", Path.GetFileName(chain), "000001.tdi");
        foreach (var verb in new[] { "export", "restore" })
        {
            string[] format = verb == "export" ? ["--format", "raw"] : [];
            TidemarkCli.Run([verb, chain, into, "--force", "--json", .. format]).Refused(Cli.WrongUse, "wrongUse");
        }

        Assert.Equal(before, FileTree.Hash(image));
        TidemarkCli.Run("verify", chain, "--deep").Succeeded();
    }

    [Theory]
    [InlineData("restore")]
    [InlineData("export")]
    public void A_file_that_is_held_where_the_system_finds_it_is_refused(string verb)
    {
        var held = Cli.Noise(folder, "elsewhere/vm.img", 50_000, 2);
        var same = Cli.Noise(folder, "vm.img", 50_000, 3);
        var (before, other) = (FileTree.Hash(held), FileTree.Hash(same));
        string[] format = verb == "export" ? ["--format", "raw"] : [];
        using (Tidemark.Engine.Devices.RawDevice.OpenWrite(held))
        {
            TidemarkCli.Run([verb, chain, folder.At("back", "..", "vm.img"), "--force", "--json", .. format]).Refused(Cli.Busy, "busy");
        }

        Assert.Equal((before, other), (FileTree.Hash(held), FileTree.Hash(same)));
        TidemarkCli.Run([verb, chain, folder.At("back", "..", "vm.img"), "--force", .. format]).Succeeded();
        Assert.Equal((FileTree.Hash(folder.At("disk")), other), (FileTree.Hash(held), FileTree.Hash(same)));
    }

    [Fact]
    public void Nothing_comes_into_being_among_the_devices()
    {
        var before = Directory.GetFileSystemEntries("/dev").Order().ToArray();
        string[][] runs =
        [
            ["export", chain, "/dev/fd/../tidemark-zz.vhdx"],
            ["restore", chain, "/dev/fd/../tidemark-zz"],
            ["backup", folder.At("disk"), "--to", "/dev/fd/../tidemark-zz"],
            ["backup", folder.At("disk"), "--to=/dev/fd/../tidemark-zz"],
            ["import", folder.At("disk"), "--to", "/dev/fd/../tidemark-zz"],
            ["serve", chain, "--writable", "--overlay", "/dev/fd/../tidemark-zz", "--unix", folder.At("socket"), "--exit-when-idle"],
        ];
        foreach (var run in runs)
        {
            var result = TidemarkCli.Run(run);
            result.EndedWith(Cli.WrongUse);
            Assert.DoesNotContain("defect", result.Error, StringComparison.Ordinal);
        }

        Assert.Equal(before, Directory.GetFileSystemEntries("/dev").Order().ToArray());
    }

    [Fact]
    public void What_is_planted_under_the_name_of_a_half_export_is_not_written()
    {
        var precious = Cli.Noise(folder, "precious", 50_000, 4);
        var before = FileTree.Hash(precious);
        File.CreateSymbolicLink(folder.At("a.raw.tidemark-part"), precious);
        Tool.Run("ln", precious, folder.At("b.raw.tidemark-part"));
        TidemarkCli.Run("export", chain, folder.At("a.raw")).Succeeded();
        TidemarkCli.Run("export", chain, folder.At("b.raw")).Succeeded();
        Assert.Equal(before, FileTree.Hash(precious));
        Assert.Equal(FileTree.Hash(folder.At("disk")), FileTree.Hash(folder.At("b.raw")));
    }
}
