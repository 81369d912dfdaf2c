using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Backups;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Engine;

public class ForgedChainTests
{
    [Fact]
    public void An_image_in_the_clear_among_encrypted_ones_is_named_and_never_the_tip()
    {
        var folder = new MemoryStore().CreateFolder("chain");
        using var key = KeySource.FromPassphrase("secret"u8);
        var encrypted = new ChainFixture(folder, 4096, HashAlgorithm.Blake3, Codec.Zstd, key, 1);
        encrypted.Backup(MemoryDevice.Random(100_000, 1), ImageKind.Full);

        // The same seed gives the same chain id: what whoever reads the store knows.
        var elsewhere = new MemoryStore().CreateFolder("forged");
        var forger = new ChainFixture(elsewhere, 4096, HashAlgorithm.Blake3, Codec.Zstd, null, 1);
        forger.Backup(MemoryDevice.Random(100_000, 2), ImageKind.Full);
        forger.Backup(MemoryDevice.Random(100_000, 3), ImageKind.Full);
        var name = ImageNames.Part(2, 0);
        using (var forged = elsewhere.OpenRead(name))
        using (var copy = folder.Create(name))
        {
            var bytes = new byte[forged.Length];
            forged.ReadAt(0, bytes);
            copy.Append(bytes);
            copy.Complete();
        }

        using var chain = Chain.Load(folder);
        Assert.True(chain.Encrypted);
        Assert.Equal(1, chain.Tip!.Header.Sequence);
        Assert.Contains("isn't encrypted", chain.Members[1].Problem, StringComparison.Ordinal);
        Assert.Equal(3, chain.NextSequence);
    }

    [Fact]
    public void A_key_for_a_chain_in_the_clear_is_refused()
    {
        using var temp = new TempFolder("forged");
        var source = Path.Combine(temp.Path, "source");
        var secret = Path.Combine(temp.Path, "secret");
        File.WriteAllBytes(source, new byte[50_000]);
        File.WriteAllText(secret, "secret\n");
        var made = Backup.Run(
            new BackupRequest { Source = SourceLocation.Parse(source), Store = StoreLocation.Parse(Path.Combine(temp.Path, "store")) }, Tidemark.Engine.Progress.NoObserver.Instance);

        var e = Assert.Throws<TidemarkException>(() => Restore.Run(
            new RestoreRequest
            {
                Image = ImageAddress.Parse(made.Chain),
                Target = TargetLocation.Parse(Path.Combine(temp.Path, "target")),
                Key = new KeyOptions(PassphraseFile: secret),
            },
            Tidemark.Engine.Progress.NoObserver.Instance));
        Assert.Equal(TidemarkError.WrongUse, e.Error);
        Assert.False(File.Exists(Path.Combine(temp.Path, "target")));
    }
}
