using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>A mistyped device's name makes no file among the device files, whichever verb is given it and however it is spelled.</summary>
[DiffersBySystem]
[Case("1.3")]
public sealed class DeviceFolderTests : IDisposable
{
    private readonly TempFolder folder = new("dev");
    private readonly string name = $"tidemark-{Guid.NewGuid():N}";

    public void Dispose()
    {
        folder.Dispose();
        File.Delete($"/dev/shm/{name}");
    }

    [Fact]
    public void No_verb_makes_a_file_or_folder_there()
    {
        OnlyOn.Linux();
        var place = $"/dev/{name}";
        var source = Cli.Noise(folder, "source", 100_000);
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        string[][] verbs =
        [
            ["restore", chain, place], ["restore", chain, place, "--force"], ["restore", chain, place, "--resume"], ["restore", chain, place, "--delta"],
            ["export", chain, place, "--format", "raw"], ["export", chain, place, "--format", "vhdx", "--force"],
            ["backup", source, "--to", place], ["import", source, "--to", place],
            ["serve", chain, "--overlay", place, "--unix", folder.At("s")], ["serve", chain, "--unix", place],
            ["restore", chain, folder.At("out"), "--trace", place], ["extract", chain, "/", "--to", place], ["mount", chain, place],
        ];
        foreach (var verb in verbs)
        {
            var message = TidemarkCli.Run([.. verb, "--json"]).Refused(Cli.WrongUse, "wrongUse");
            Assert.Contains($"There is no such device: {place}", message, StringComparison.Ordinal);
            Assert.False(Path.Exists(place), string.Join(' ', verb));
        }
    }

    [Fact]
    public void Links_and_relative_paths_lead_there_as_well()
    {
        OnlyOn.Linux();
        var chain = Cli.Backup(Cli.Noise(folder, "source", 100_000), folder.At("store")).Text("chain");
        File.CreateSymbolicLink(folder.At("dangling"), $"/dev/{name}");
        File.CreateSymbolicLink(folder.At("devices"), "/dev");
        File.CreateSymbolicLink(folder.At("deep"), "/dev/shm");
        var relative = Path.GetRelativePath(Environment.CurrentDirectory, $"/dev/{name}");
        foreach (var path in new[] { folder.At("devices", name), folder.At("deep", "..", name), $"/dev/./{name}", $"/dev/shm/../{name}", relative })
        {
            Assert.Contains(
                "no such device", TidemarkCli.Run("restore", chain, path, "--json").Refused(Cli.WrongUse, "wrongUse"), StringComparison.Ordinal);
            Assert.False(Path.Exists($"/dev/{name}"), path);
        }

        TidemarkCli.Run("restore", chain, folder.At("dangling"), "--force", "--json").Refused(Cli.WrongUse, "wrongUse");
        Assert.False(Path.Exists($"/dev/{name}"));
    }

    [Fact]
    public void Shared_memory_goes_on_working()
    {
        OnlyOn.Linux();
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "Needs /dev/shm.");
        var source = Cli.Noise(folder, "source", 100_000);
        var chain = Cli.Backup(source, folder.At("store")).Text("chain");
        TidemarkCli.Run("restore", chain, $"/dev/shm/{name}").Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash($"/dev/shm/{name}"));
    }
}
