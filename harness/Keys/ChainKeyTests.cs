using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Maintenance;
using Tidemark.Engine.Stores;
using Tidemark.Engine.Stores.Layers;
using Tidemark.Harness.Engine;
using Xunit;

namespace Tidemark.Harness.Keys;

/// <summary>A change of a chain's key goes by what the chain is under its lock.</summary>
public class ChainKeyTests
{
    [Fact]
    public void What_another_run_committed_until_the_lock_was_free_counts()
    {
        using var key = TestKeys.KeyFile(1);
        using var replacement = TestKeys.KeyFile(2);
        using var device = new MemoryDevice(new byte[100_000]);
        var folder = new MemoryStoreFolder("memory", "memory");
        var fixture = new ChainFixture(folder, 4096, HashAlgorithm.Blake3, Codec.None, key, 1);

        // Before the lock is taken there isn't even a chain.
        var waiting = new LateFolder(folder, () => fixture.Backup(device, ImageKind.Full));
        ChainKey.Change(waiting, key, replacement, TestKeys.Random(), TestKeys.Cheap);
        using var chain = Chain.Load(folder);
        chain.Unlock(replacement);
    }

    [Fact]
    public void Nothing_is_looked_at_without_the_lock()
    {
        using var key = TestKeys.KeyFile(1);
        using var replacement = TestKeys.KeyFile(2);
        using var device = new MemoryDevice(new byte[100_000]);
        var folder = new MemoryStoreFolder("memory", "memory");
        new ChainFixture(folder, 4096, HashAlgorithm.Blake3, Codec.None, key, 1).Backup(device, ImageKind.Full);
        var before = folder.List().Count;
        using var held = folder.TryLock(out _);
        var late = new LateFolder(folder, () => { });
        var busy = Assert.Throws<TidemarkException>(() => ChainKey.Change(late, key, replacement, TestKeys.Random(), TestKeys.Cheap));
        Assert.Equal(TidemarkError.Busy, busy.Error);
        Assert.Equal(0, late.Looks);
        Assert.Equal(before, folder.List().Count);
    }

    /// <summary>A folder to which something happens just before its lock is got.</summary>
    private sealed class LateFolder(StoreFolder folder, Action before) : LayeredFolder(folder)
    {
        public int Looks { get; private set; }

        public override IReadOnlyList<StoreEntry> List()
        {
            Looks++;
            return Behind.List();
        }

        public override StoreFile OpenRead(string name)
        {
            Looks++;
            return Behind.OpenRead(name);
        }

        public override IDisposable? TryLock(out string holder)
        {
            before();
            return Behind.TryLock(out holder);
        }
    }
}
