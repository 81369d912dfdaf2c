using Tidemark.Engine.Format;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>The key that counts for a chain is its newest, also where no image of it can be opened before a repair.</summary>
[DiffersBySystem]
public sealed class ChangedKeyRepairTests : IDisposable
{
    private readonly TempFolder folder = new("changed-key");

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_chain_whose_only_image_is_damaged_is_repaired_with_the_new_key()
    {
        var source = Cli.Noise(folder, "source", 300_000);
        File.WriteAllText(folder.At("old"), "correct horse\n");
        File.WriteAllText(folder.At("new"), "battery staple\n");
        var chain = Cli.Backup(source, folder.At("store"), "--passphrase-file", folder.At("old")).Text("chain");
        TidemarkCli.Run("key", chain, "--passphrase-file", folder.At("old"), "--new-passphrase-file", folder.At("new")).Succeeded();
        var image = Path.Combine(chain, "000001.tdi");
        Cli.Overwrite(image, new FileInfo(image).Length - ImageFormat.FooterSize, ImageFormat.FooterSize, 3);
        TidemarkCli.Run("verify", chain).EndedWith(Cli.Damaged);

        // A key that was given up opens nothing and repairs nothing, damage or not.
        TidemarkCli.Run("repair", chain, "--passphrase-file", folder.At("old")).EndedWith(Cli.Key);
        Assert.Empty(Directory.GetFiles(chain, "*.tdr"));
        TidemarkCli.Run("repair", chain, "--passphrase-file", folder.At("new")).Succeeded();
        TidemarkCli.Run("restore", chain, folder.At("back"), "--passphrase-file", folder.At("new")).Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(folder.At("back")));
    }
}
