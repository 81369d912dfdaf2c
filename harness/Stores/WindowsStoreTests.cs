using Tidemark.Engine;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Stores;

/// <summary>What local stores on Windows promise beyond the contract.</summary>
[DiffersBySystem]
public sealed class WindowsStoreTests : IDisposable
{
    private readonly TempFolder place = new("store");

    public WindowsStoreTests() => OnlyOn.Windows();

    public void Dispose() => place.Dispose();

    [Fact]
    public void Names_that_mean_something_else_on_Windows_are_refused()
    {
        var store = FolderStore.Open(place.Path);
        var folder = store.CreateFolder("chain");
        StoreContract.Write(folder, "real", [1]);
        foreach (var name in new[] { "nul", "real:stream", "real.", "real ", "TIDEMARK.LOCK" })
        {
            Assert.Throws<TidemarkException>(() => folder.Create(name));
            Assert.Throws<TidemarkException>(() => folder.OpenRead(name));
            Assert.Throws<TidemarkException>(() => folder.Delete(name));
        }

        Assert.Throws<TidemarkException>(() => store.CreateFolder("con.folder"));
        Assert.Equal(["real"], folder.List().Select(entry => entry.Name));
    }

    [Fact]
    public void Paths_of_any_length_and_any_script_are_taken()
    {
        var path = place.Path;
        for (var i = 0; i < 8; i++)
        {
            path = Path.Combine(path, $"Größe 東京 {i} {new string('x', 40)}");
            FolderStore.Open(path, create: true);
        }

        Assert.InRange(path.Length, 300, 32_000);
        var folder = FolderStore.Open(path).CreateFolder("цепь");
        StoreContract.Write(folder, "画像.tdm", [1, 2, 3]);
        folder.Flush();
        Assert.Equal([new StoreEntry("画像.tdm", 3)], folder.List());
        Assert.Equal([1, 2, 3], StoreContract.Read(folder, "画像.tdm"));
        using (folder.TryLock(out _))
        {
        }

        folder.Delete("画像.tdm");
        Assert.Empty(folder.List());
    }

    [Fact]
    public void Links_inside_are_neither_listed_nor_followed()
    {
        var store = FolderStore.Open(place.Path);
        var folder = store.CreateFolder("chain");
        File.WriteAllText(place.At("secret"), "secret");
        try
        {
            File.CreateSymbolicLink(place.At("chain", "link"), place.At("secret"));
            Directory.CreateSymbolicLink(place.At("elsewhere"), place.At("chain"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Assert.Skip($"Links can't be made here: {e.Message}");
        }

        Assert.SkipUnless(
            File.Exists(place.At("chain", "link"))
                && File.GetAttributes(place.At("chain", "link")).HasFlag(FileAttributes.ReparsePoint),
            "Links don't show as reparse points here (Wine).");
        Assert.Empty(folder.List());
        Assert.Equal(["chain"], store.ListFolders());
        Assert.Throws<TidemarkException>(() => store.OpenFolder("elsewhere"));
        Assert.Throws<TidemarkException>(() => folder.OpenRead("link"));
        Assert.Throws<TidemarkException>(() => folder.Create("link"));
        Assert.Throws<TidemarkException>(() => folder.Delete("link"));
        Assert.Equal("secret", File.ReadAllText(place.At("secret")));
    }

    [Fact]
    public void The_holder_of_the_lock_is_named()
    {
        var folder = FolderStore.Open(place.Path).CreateFolder("chain");
        using var mine = folder.TryLock(out _);
        Assert.NotNull(mine);
        Assert.Null(FolderStore.Open(place.Path).OpenFolder("chain").TryLock(out var holder));
        Assert.Contains($"process {Environment.ProcessId}", holder, StringComparison.Ordinal);
        Assert.Contains(Environment.MachineName, holder, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_inside_is_no_file()
    {
        var folder = FolderStore.Open(place.Path).CreateFolder("chain");
        Directory.CreateDirectory(place.At("chain", "folder"));
        Assert.Throws<TidemarkException>(() => folder.OpenRead("folder"));
        Assert.Throws<TidemarkException>(() => folder.Create("folder"));
        Assert.Throws<TidemarkException>(() => folder.Delete("folder"));
        Assert.Empty(folder.List());
    }

    [Fact]
    public void Nothing_is_kept_open_by_a_store()
    {
        var store = FolderStore.Open(place.Path);
        var folder = store.CreateFolder("chain");
        StoreContract.Write(folder, "file", new byte[100_000]);
        folder.TryLock(out _)?.Dispose();
        folder.Flush();
        Assert.Single(folder.List());
        // Refused while anything in it is open.
        Directory.Move(place.At("chain"), place.At("moved"));
        Assert.Equal(["moved"], store.ListFolders());
    }
}
