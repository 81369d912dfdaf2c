using Tidemark.Engine;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.BootChecks;
using Tidemark.Engine.Operations.Catalogs;
using Tidemark.Engine.Operations.Exports;
using Tidemark.Engine.Operations.Extraction;
using Tidemark.Engine.Operations.Mounts;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Operations.Servers;
using Tidemark.Engine.Progress;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;
using TestCli = Tidemark.Harness.CommandLine.Cli;

namespace Tidemark.Harness.Locations;

/// <summary>Paths of the form <c>link/../name</c> that a program gives to the engine: what is checked is what is written.</summary>
[DiffersBySystem]
public sealed class EmbeddedPathTests : IDisposable
{
    private readonly TempFolder folder = new("embedded");
    private readonly string disk;

    public EmbeddedPathTests()
    {
        OnlyOn.Linux();
        disk = TestCli.Noise(folder, "disk", 300_000);
        Directory.CreateDirectory(folder.At("elsewhere", "d"));
        Directory.CreateSymbolicLink(folder.At("link"), folder.At("elsewhere", "d"));
    }

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_store_and_a_target_are_where_the_system_finds_them()
    {
        // By its text this is the disk itself.
        var target = Text("disk");
        var chain = Backup.Run(
            new BackupRequest { Source = SourceLocation.Parse(disk), Store = StoreLocation.Parse(Text("store")) }, NoObserver.Instance).Chain;
        Assert.Equal(folder.At("elsewhere", "store"), Path.GetDirectoryName(chain));
        Assert.False(Directory.Exists(folder.At("store")));

        var before = FileTree.Hash(disk);
        TestCli.Overwrite(disk, 0, 5_000, 7);
        var now = FileTree.Hash(disk);
        var image = ImageAddress.Parse(Path.Combine(Text("store"), Path.GetFileName(chain) + "@latest"));
        Assert.Equal(chain, image.Location.Text);
        Restore.Run(new RestoreRequest { Image = image, Target = TargetLocation.Parse(target) }, NoObserver.Instance);
        Assert.Equal((now, before), (FileTree.Hash(disk), FileTree.Hash(folder.At("elsewhere", "disk"))));
        Export.Run(
            new ExportRequest { Image = image, File = TargetLocation.Parse(target), Format = ExportFormat.Raw, Force = true }, NoObserver.Instance);
        Assert.Equal((now, before), (FileTree.Hash(disk), FileTree.Hash(folder.At("elsewhere", "disk"))));
        Assert.Single(Catalog.List(StoreLocation.Parse(Text("store"))));
    }

    [Fact]
    public void A_chains_file_that_the_system_finds_is_not_written()
    {
        var chain = Backup.Run(
            new BackupRequest { Source = SourceLocation.Parse(disk), Store = StoreLocation.Parse(Text("store")) }, NoObserver.Instance).Chain;
        var file = Path.Combine(chain, "000001.tdi");
        var before = FileTree.Hash(file);
        var image = ImageAddress.Parse(chain);
        var target = TargetLocation.Parse(Path.Combine(Text("store"), Path.GetFileName(chain), "000001.tdi"));
        Assert.Throws<TidemarkException>(() => Restore.Run(new RestoreRequest { Image = image, Target = target, Force = true }, NoObserver.Instance));
        Assert.Throws<TidemarkException>(() => Export.Run(
            new ExportRequest { Image = image, File = target, Format = ExportFormat.Raw, Force = true }, NoObserver.Instance));
        Assert.Equal(before, FileTree.Hash(file));
    }

    [Fact]
    public void Every_path_of_a_request_means_what_it_means_to_the_system()
    {
        var image = ImageAddress.Parse(folder.At("chain"));
        var target = TargetLocation.Parse(folder.At("t"));
        Assert.All(
            new[]
            {
                SourceLocation.Parse(Text("x")).Text, StoreLocation.Parse(Text("x")).Text, TargetLocation.Parse(Text("x")).Text,
                ImageAddress.Parse(Text("x")).Location.Text, OutputPath.Require(Text("x")), new KeyOptions(Text("x")).PassphraseFile, new KeyOptions(KeyFile: Text("x")).KeyFile,
                new ExportRequest { Image = image, File = target, Base = Text("x") }.Base,
                new ServeRequest { Image = image, Socket = Text("x") }.Socket,
                new ServeRequest { Image = image, Overlay = Text("x") }.Overlay,
                new ServeRequest { Image = image, TlsCertificates = Text("x") }.TlsCertificates,
                new MountRequest { Image = image, Folder = Text("x") }.Folder,
                new BootCheckRequest { Image = image, Screenshot = Text("x") }.Screenshot,
                new ExtractRequest { Image = image, Paths = [], To = Text("x") }.To,
            },
            path => Assert.Equal(folder.At("elsewhere", "x"), path));
        Assert.Equal("-", new KeyOptions("-").PassphraseFile);
    }

    /// <summary>By its text in the folder itself; the system goes to "elsewhere".</summary>
    private string Text(string name) => $"{folder.At("link")}/../{name}";
}
