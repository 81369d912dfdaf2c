using Tidemark.Engine;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Stores;

[DiffersBySystem]
public sealed class FolderStoreTests : IDisposable
{
    private readonly TempFolder place = new("store");

    public void Dispose() => place.Dispose();

    [Fact]
    public void A_store_is_made_only_when_asked_and_only_one_level()
    {
        Assert.Equal(TidemarkError.WrongUse, Assert.Throws<TidemarkException>(() => FolderStore.Open(place.At("new"))).Error);
        Assert.Equal(Path.GetFullPath(place.At("new")), FolderStore.Open(place.At("new") + "/", create: true).Name);
        Assert.True(Directory.Exists(place.At("new")));
        FolderStore.Open(place.At("new"), create: true);
        var e = Assert.Throws<TidemarkException>(() => FolderStore.Open(place.At("a", "b"), create: true));
        Assert.Contains(Path.GetFullPath(place.At("a")), e.Message, StringComparison.Ordinal);
        File.WriteAllText(place.At("file"), "");
        Assert.Contains("not a folder", Assert.Throws<TidemarkException>(
            () => FolderStore.Open(place.At("file"), create: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_and_other_things_inside_are_neither_listed_nor_followed()
    {
        Tool.Require("mkfifo");
        var store = FolderStore.Open(place.Path);
        var folder = store.CreateFolder("chain");
        File.WriteAllText(place.At("secret"), "secret");
        File.CreateSymbolicLink(place.At("chain", "link"), place.At("secret"));
        Directory.CreateSymbolicLink(place.At("elsewhere"), place.At("chain"));
        Directory.CreateDirectory(place.At("chain", "folder"));
        Tool.Run("mkfifo", place.At("chain", "pipe"));
        Assert.Empty(folder.List());
        Assert.Equal(["chain"], store.ListFolders());
        Assert.Throws<TidemarkException>(() => store.OpenFolder("elsewhere"));
        Assert.Throws<TidemarkException>(() => store.OpenFolder("secret"));
        foreach (var name in new[] { "link", "folder", "pipe" })
        {
            Assert.Throws<TidemarkException>(() => folder.OpenRead(name));
            Assert.Throws<TidemarkException>(() => folder.Create(name));
            Assert.Throws<TidemarkException>(() => folder.Delete(name));
        }

        Assert.Equal("secret", File.ReadAllText(place.At("secret")));
    }

    [Fact]
    public void Another_process_that_holds_the_lock_is_named_and_its_end_frees_it()
    {
        Tool.Require("flock", "sh", "sleep");
        var folder = FolderStore.Open(place.Path).CreateFolder("chain");
        using var other = System.Diagnostics.Process.Start(
            Tool.Find("flock")!,
            [
                "--no-fork", place.At("chain", "tidemark.lock"),
                "sh", "-c", "echo 'host other, process 1' > \"$0\"; exec sleep 60", place.At("chain", "tidemark.lock"),
            ]);
        var until = DateTime.UtcNow + Patience.Limit;
        string holder;
        do
        {
            Assert.True(DateTime.UtcNow < until, "the other process never took the lock");
            folder.TryLock(out holder)?.Dispose();
        }
        while (holder != "host other, process 1");

        other.Kill();
        other.WaitForExit();
        var mine = folder.TryLock(out _);
        Assert.NotNull(mine);
        mine.Dispose();
        // Not by .NET, which takes a lock for reading: a process that another test starts just now may hold ours for a moment.
        var written = Tool.Run("cat", place.At("chain", "tidemark.lock")).Output;
        Assert.Contains($"process {Environment.ProcessId}", written, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_file_system_is_reported_with_the_file_and_what_to_do()
    {
        using var mount = SmallMount.Make(place, "ext4", 8 << 20);
        var folder = FolderStore.Open(mount.Path).CreateFolder("chain");
        using var writer = folder.Create("image");
        var e = Assert.Throws<TidemarkException>(() =>
        {
            for (var i = 0; i < 64; i++)
            {
                writer.Append(new byte[1 << 20]);
            }

            writer.Complete();
        });
        Assert.Equal(TidemarkError.Failed, e.Error);
        Assert.Contains("image", e.Message, StringComparison.Ordinal);
        Assert.Contains("No space left", e.Message, StringComparison.Ordinal);
        Assert.Contains("Make room", e.Message, StringComparison.Ordinal);
        Assert.Equal(e.Message, Assert.Throws<TidemarkException>(() => writer.Append([1])).Message);
        writer.Dispose();
        Assert.Empty(folder.List());
        Assert.Empty(folder.ListUnfinished());
    }

    [Fact]
    public void Nothing_is_kept_open_by_a_store()
    {
        using var mount = SmallMount.Make(place, "ext4", 8 << 20);
        var store = FolderStore.Open(mount.Path);
        var folder = store.CreateFolder("chain");
        StoreContract.Write(folder, "file", new byte[100_000]);
        folder.TryLock(out _)?.Dispose();
        folder.Flush();
        Assert.Single(folder.List());
        Tool.Run("umount", mount.Path);
        Tool.Run("mount", mount.Device, mount.Path);
        Assert.Single(store.OpenFolder("chain").List());
    }

    [Fact]
    public void Files_and_folders_are_the_owners_alone()
    {
        Tool.Require("stat");
        var folder = FolderStore.Open(place.Path).CreateFolder("chain");
        StoreContract.Write(folder, "file", [1]);
        Assert.Equal("600", Tool.Run("stat", "-c", "%a", place.At("chain", "file")).Output.Trim());
        Assert.Equal("700", Tool.Run("stat", "-c", "%a", place.At("chain")).Output.Trim());
    }

    // NTFS through FUSE refuses the flag of the rename, exFAT has no hard links either.
    [Theory]
    [InlineData("ntfs")]
    [InlineData("exfat")]
    [InlineData("btrfs")]
    [InlineData("xfs")]
    public void Other_file_systems_do_as_well_and_never_replace(string fileSystem)
    {
        using var mount = SmallMount.Make(place, fileSystem);
        var folder = FolderStore.Open(mount.Path).CreateFolder("chain");
        StoreContract.Write(folder, "a", [1]);
        StoreContract.Write(folder, "b", new byte[3_000_001]);
        using (var late = folder.Create("c"))
        {
            late.Append([2]);
            StoreContract.Write(folder, "c", [3]);
            Assert.Contains("there already", Assert.Throws<TidemarkException>(() => late.Complete()).Message, StringComparison.Ordinal);
        }

        folder.Flush();
        // A driver in user space keeps what was deleted while it was open under such a name, until its last user is seen to be gone.
        Assert.Equal(["a", "b", "c"], folder.List().Select(entry => entry.Name).Where(name => !name.StartsWith(".fuse_hidden", StringComparison.Ordinal)).Order());
        Assert.Empty(folder.ListUnfinished());
        Assert.Equal([1], StoreContract.Read(folder, "a"));
        Assert.Equal([3], StoreContract.Read(folder, "c"));
        Assert.Equal(new byte[3_000_001], StoreContract.Read(folder, "b"));
        using var held = folder.TryLock(out _);
        Assert.NotNull(held);
        Assert.Null(FolderStore.Open(mount.Path).OpenFolder("chain").TryLock(out _));
    }
}
