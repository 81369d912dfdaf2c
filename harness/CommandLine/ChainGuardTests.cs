using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>The files of chains are written once: no restore or export goes over one, whatever path leads there.</summary>
[DiffersBySystem]
[Case("4.11")]
public sealed class ChainGuardTests : IDisposable
{
    private readonly TempFolder folder = new("guard");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_path_that_leads_to_a_chains_file_or_into_its_folder_is_refused()
    {
        OnlyOn.Linux();
        var store = folder.At("store");
        var chain = Cli.Backup(Cli.Noise(folder, "source", 100_000), store).Text("chain");
        var other = Cli.Backup(Cli.Noise(folder, "other", 50_000, 2), store, "--chain", "other").Text("chain");
        var far = Cli.Backup(Cli.Noise(folder, "third", 50_000, 3), folder.At("second")).Text("chain");
        string Own(string of) => Directory.GetFiles(of, "*.tdi").Single();

        File.CreateSymbolicLink(folder.At("link"), Own(chain));
        Directory.CreateSymbolicLink(folder.At("folder"), chain);
        File.CreateSymbolicLink(folder.At("new"), Path.Combine(other, "disk.img"));
        Tool.Run("ln", Own(chain), folder.At("hard"));
        Tool.Run("ln", Own(other), folder.At("hard-other"));
        Tool.Run("ln", Own(far), folder.At("hard-far"));
        string[] places =
        [
            Own(chain), Own(other), Own(far), folder.At("link"), folder.At("hard"), folder.At("hard-other"), folder.At("hard-far"),
            folder.At("folder", Path.GetFileName(Own(chain))), folder.At("folder", "disk.img"), Path.Combine(other, "disk.img"),
            Path.Combine(far, "disk.img"), folder.At("new"),
        ];
        var before = FileTree.Hash(Own(chain)) + FileTree.Hash(Own(other)) + FileTree.Hash(Own(far));
        foreach (var place in places)
        {
            string[][] verbs = [["restore", chain, place], ["restore", chain, place, "--delta"], ["restore", chain, place, "--resume"], ["export", chain, place, "--format", "raw"]];
            foreach (var verb in verbs)
            {
                TidemarkCli.Run([.. verb, "--force", "--json"]).Refused(Cli.WrongUse, "wrongUse");
            }
        }

        Assert.Equal(before, FileTree.Hash(Own(chain)) + FileTree.Hash(Own(other)) + FileTree.Hash(Own(far)));
        Assert.Empty(Directory.GetFiles(chain, "disk.img*").Concat(Directory.GetFiles(other, "disk.img*")));
        TidemarkCli.Run("verify", store, "--deep").Succeeded();
    }

    [Fact]
    public void A_folder_beside_the_chains_that_holds_no_images_is_a_place_like_any_other()
    {
        var chain = Cli.Backup(Cli.Noise(folder, "disk", 100_000), folder.At("store")).Text("chain");
        var beside = Path.Combine(folder.At("store"), "restored");
        Directory.CreateDirectory(beside);
        var target = Path.Combine(beside, "disk.img");
        TidemarkCli.Run("restore", chain, target).Succeeded();
        TidemarkCli.Run("restore", chain, target, "--force").Succeeded();
    }

    [Fact]
    public void A_bind_mount_of_the_folder_or_the_file_is_the_same()
    {
        Root.Require();
        var chain = Cli.Backup(Cli.Noise(folder, "source", 100_000), folder.At("store")).Text("chain");
        var image = Directory.GetFiles(chain, "*.tdi").Single();
        var before = FileTree.Hash(image);
        var (bound, file) = (folder.Folder("bound"), Cli.Noise(folder, "file", 10));
        Tool.Run("mount", "--bind", chain, bound);
        try
        {
            Tool.Run("mount", "--bind", image, file);
            try
            {
                foreach (var place in new[] { Path.Combine(bound, "disk.img"), Path.Combine(bound, Path.GetFileName(image)), file })
                {
                    TidemarkCli.Run("restore", chain, place, "--force", "--json").Refused(Cli.WrongUse, "wrongUse");
                    TidemarkCli.Run("export", chain, place, "--format", "raw", "--force", "--json").Refused(Cli.WrongUse, "wrongUse");
                }
            }
            finally
            {
                Tool.Run("umount", file);
            }
        }
        finally
        {
            Tool.Run("umount", bound);
        }

        Assert.Equal(before, FileTree.Hash(image));
    }
}
