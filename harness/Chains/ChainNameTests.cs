using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Points;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Chains;

/// <summary>Names of chains that look like addresses of images, and such as Windows can't have.</summary>
public sealed class ChainNameTests : IDisposable
{
    private readonly TempFolder place = new("names");

    public void Dispose() => place.Dispose();

    [Case("3.12")]
    [Theory]
    [InlineData("disk@2")]
    [InlineData("disk@latest")]
    [InlineData("vm#1")]
    [InlineData("vm@3#1")]
    public void A_name_that_looks_like_an_address_is_refused_when_the_chain_is_begun(string name)
    {
        var source = TestCli.Noise(place, "source", 20_000);
        var message = TidemarkCli.Run("backup", source, "--to", place.At("store"), "--chain", name, "--json").Refused(TestCli.WrongUse, "wrongUse");
        Assert.Contains("address", message, StringComparison.Ordinal);
        Assert.Empty(Directory.Exists(place.At("store")) ? Directory.GetDirectories(place.At("store")) : []);
    }

    [Case("3.12")]
    [Theory]
    [InlineData("disk@2")]
    [InlineData("disk@latest")]
    [InlineData("disk#1")]
    public void A_folder_that_is_there_is_meant_in_every_verb(string name)
    {
        // The chain "disk" has images 1 and 2; the other's folder was given such a name by hand.
        var source = TestCli.Noise(place, "source", 60_000);
        var other = TestCli.Noise(place, "other", 50_000, 7);
        var store = place.At("store");
        TestCli.Backup(source, store, "--chain", "disk");
        TestCli.Overwrite(source, 0, 5000, 3);
        TestCli.Backup(source, store, "--chain", "disk");
        TestCli.Backup(other, store, "--chain", "other");
        var odd = Path.Combine(store, name);
        Directory.Move(Path.Combine(store, "other"), odd);
        foreach (var image in new[] { odd, odd + "@1", odd + "@latest" })
        {
            TidemarkCli.Run("restore", image, place.At("restored"), "--force").Succeeded();
            Assert.Equal(FileTree.Hash(other), FileTree.Hash(place.At("restored")));
            TidemarkCli.Run("export", image, place.At("exported.raw"), "--force").Succeeded();
            Assert.Equal(FileTree.Hash(other), FileTree.Hash(place.At("exported.raw")));
            Assert.Equal(odd, TidemarkCli.Run("show", image, "--json").Succeeded().Result.Text("chain"));
        }

        TidemarkCli.Run("diff", odd + "@1", odd).Succeeded();
        using (var served = ServeProcess.StartUnix(place, odd))
        {
            Assert.Equal(50_000, served.Ready.Number("sourceBytes"));
        }

        TidemarkCli.Run("verify", odd).Succeeded();
        TidemarkCli.Run("verify", odd + "@1").Succeeded();
        TidemarkCli.Run("verify", odd, "--against", other).Succeeded();
        TidemarkCli.Run("repair", odd).Succeeded();
        TidemarkCli.Run("heal", odd, "--from", other).Succeeded();
        TidemarkCli.Run("unlock", odd).Succeeded();
        TidemarkCli.Run("list", odd).Succeeded();
        Assert.Equal(odd, TestCli.Backup(other, store, "--chain", name).Text("chain"));

        // The other chain's image has an address all the same.
        TidemarkCli.Run("restore", Path.Combine(store, "disk") + "/@2", place.At("restored"), "--force").Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(place.At("restored")));
    }

    [Case("4.13")]
    [Theory]
    [InlineData("a:b")]
    [InlineData("what?")]
    [InlineData("nul")]
    [InlineData("COM1.vm")]
    [InlineData("end.")]
    [InlineData("end ")]
    [InlineData("tab\there")]
    public void A_name_that_Windows_cannot_have_is_refused_when_the_chain_is_begun_and_goes_on_where_it_is(string name)
    {
        var source = TestCli.Noise(place, "source", 20_000);
        var store = place.At("store");
        TidemarkCli.Run("backup", source, "--to", store, "--chain", name, "--json").Refused(TestCli.WrongUse, "wrongUse");
        if (OperatingSystem.IsLinux())
        {
            Directory.CreateDirectory(Path.Combine(store, name));
            Assert.Equal(Path.Combine(store, name), TestCli.Backup(source, store, "--chain", name).Text("chain"));
        }
    }

    [Case("3.12")]
    [Fact]
    public void A_part_of_an_odd_folder_has_an_address()
    {
        var odd = place.Folder("vm@2");
        Assert.Equal((odd, null, null), Parts(odd));
        Assert.Equal((odd, null, 3), Parts(odd + "#3"));
        Assert.Equal((odd, 4, 3), Parts(odd + "@4#3"));
        Assert.False(ImageAddress.Parse(odd).NamesOne);
        Assert.True(ImageAddress.Parse(odd + "@latest").NamesOne);
        Assert.True(AddressTail.LooksLikeOne("vm@2"));

        static (string Chain, long? Sequence, int? Partition) Parts(string text) =>
            ImageAddress.Parse(text) is var address ? (address.Location.Text, address.Sequence, address.Partition) : default;
    }
}
