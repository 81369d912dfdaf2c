using Tidemark.Engine;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Catalogs;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Operations.Verification;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Locations;

/// <summary>Where stores and chains are, as the engine takes it from whoever embeds it.</summary>
[DiffersBySystem]
public sealed class StoreLocationTests : IDisposable
{
    private readonly TempFolder folder = new("places");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("s3://bucket/store", "s3://")]
    [InlineData("SFTP://host/store", "sftp://")]
    [InlineData("https://host/store", "https://")]
    [InlineData("nbd://host/export", "nbd://")]
    public void An_address_that_no_store_has_is_refused_and_no_folder_of_that_name(string text, string scheme)
    {
        foreach (var parse in new Action[] { () => StoreLocation.Parse(text), () => ImageAddress.Parse(text + "@3"), () => OutputPath.Require(text) })
        {
            var refused = Assert.Throws<TidemarkException>(parse);
            Assert.Equal(TidemarkError.WrongUse, refused.Error);
            Assert.Contains($"{scheme} isn't supported", refused.Message, StringComparison.Ordinal);
        }

        var run = TidemarkCli.Run("backup", TestCli.Noise(folder, "disk", 100_000), "--to", text, "--json").Refused(TestCli.WrongUse, "wrongUse");
        Assert.Contains($"{scheme} isn't supported", run, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("./s3://bucket")]
    [InlineData("store: a//b")]
    [InlineData(@"C:\store")]
    [InlineData("://x")]
    [InlineData("3d://x")]
    public void What_only_looks_like_an_address_is_a_path(string text) => Assert.NotNull(StoreLocation.Parse(text).LocalPath);

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void What_no_system_takes_for_a_path_is_refused(string text)
    {
        foreach (var parse in new Action[]
        {
            () => StoreLocation.Parse(text), () => ImageAddress.Parse(text), () => SourceLocation.Parse(text), () => TargetLocation.Parse(text),
            () => OutputPath.Require(text),
        })
        {
            Assert.Equal(TidemarkError.WrongUse, Assert.Throws<TidemarkException>(parse).Error);
        }
    }

    [Fact]
    public void A_chain_in_a_store_that_is_no_folder_is_made_and_read()
    {
        var disk = TestCli.Noise(folder, "disk", 300_000);
        var store = new MemoryStore();
        var request = new BackupRequest { Source = SourceLocation.Parse(disk), Store = StoreLocation.Of(store) };
        Assert.Equal(1, Backup.Run(request, NoObserver.Instance).Sequence);
        TestCli.Overwrite(disk, 100_000, 5_000, 3);
        Assert.Equal(2, Backup.Run(request with { DryRun = true }, NoObserver.Instance).Sequence);
        Assert.Equal(2, Backup.Run(request, NoObserver.Instance).Sequence);
        Assert.Equal([1, 2], Assert.Single(Catalog.List(request.Store)).Restorable);

        var chain = ImageAddress.Of(StoreLocation.Of(store.OpenFolder(Assert.Single(store.ListFolders()))));
        Restore.Run(new RestoreRequest { Image = chain, Target = TargetLocation.Parse(folder.At("restored")) }, NoObserver.Instance);
        Assert.Equal(FileTree.Hash(disk), FileTree.Hash(folder.At("restored")));
        var verified = Verify.Run(
            new VerifyRequest { Subject = chain, Depth = VerifyDepth.Deep, Against = request.Source }, NoObserver.Instance);
        Assert.Empty(verified.Findings);
        Assert.Equal(0, verified.DifferentBytes);
    }

    [Fact]
    public void Two_paths_to_one_chain_are_one_place()
    {
        OnlyOn.Linux();
        var store = folder.Folder("store");
        Directory.CreateSymbolicLink(folder.At("link"), store);
        Assert.True(StoreLocation.Parse(store).IsSame(StoreLocation.Parse(folder.At("link"))));
        Assert.False(StoreLocation.Parse(store).IsSame(StoreLocation.Parse(folder.Folder("other"))));
        Assert.False(StoreLocation.Parse(folder.At("a")).IsSame(StoreLocation.Parse(folder.At("b"))));
    }

    [Fact]
    public void A_whole_chain_is_no_single_image()
    {
        Assert.Equal(folder.At("chain"), ImageAddress.ParseChain(folder.At("chain")).Text);
        Assert.Contains("whole chain", Assert.Throws<TidemarkException>(() => ImageAddress.ParseChain(folder.At("chain@3"))).Message, StringComparison.Ordinal);
        folder.Folder("chain@3");
        Assert.Equal(folder.At("chain@3"), ImageAddress.ParseChain(folder.At("chain@3")).Text);
    }
}
