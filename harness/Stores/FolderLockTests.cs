using System.Runtime.InteropServices;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Stores;

/// <summary>The system's lock of a folder, where its descriptor isn't the only one.</summary>
[DiffersBySystem]
public partial class FolderLockTests
{
    /// <summary>What a child has of it between fork and exec, and what made a run find itself as another one.</summary>
    [Fact]
    public void A_lock_that_was_given_back_is_free_though_a_copy_of_its_descriptor_is_open()
    {
        OnlyOn.Linux();
        using var folder = new TempFolder("lock");
        var store = LocalStoreFolder.Open(folder.Path);
        var held = store.TryLock(out _);
        Assert.NotNull(held);
        var number = Directory.EnumerateFiles("/proc/self/fd").Single(entry =>
            new FileInfo(entry).LinkTarget is { } target && target.StartsWith(folder.Path, StringComparison.Ordinal)
            && target.EndsWith(StoreNames.LockFile, StringComparison.Ordinal));
        var copy = Duplicate(int.Parse(Path.GetFileName(number), System.Globalization.CultureInfo.InvariantCulture));
        Assert.True(copy >= 0);
        try
        {
            held.Dispose();
            using var again = store.TryLock(out var holder);
            Assert.True(again is not null, $"still held by {holder}");
        }
        finally
        {
            _ = Close(copy);
        }
    }

    [LibraryImport("libc", EntryPoint = "dup")]
    private static partial int Duplicate(int fd);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
