using System.Text;
using Tidemark.Engine;
using Tidemark.Engine.Chains;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Progress;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Engine;

namespace Tidemark.Harness.Golden;

/// <summary>
/// Makes the golden chains of format version 1: everything in them is fixed, so the same program makes the same bytes.
/// What is made here was checked in once and is never made again; see README.md beside the files.
/// </summary>
internal static class GoldenChains
{
    public const string FirstPassphrase = "spring tide";

    public const string SecondPassphrase = "neap tide";

    /// <summary>The chain of which the passphrase was changed.</summary>
    public const string Encrypted = "encrypted";

    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Every chain by name, and how it is made in a folder.</summary>
    public static IReadOnlyDictionary<string, Action<StoreFolder>> Makers { get; } = new SortedDictionary<string, Action<StoreFolder>>(StringComparer.Ordinal)
    {
        ["plain"] = MakePlain,
        ["lz4-parts"] = MakeParts,
        ["named-parts"] = MakeNamedParts,
        [Encrypted] = MakeEncrypted,
        ["differential"] = MakeDifferential,
        ["unreadable"] = MakeUnreadable,
        ["large-blocks"] = MakeLargeBlocks,
    };

    /// <summary>zstd, 4 KiB blocks: data, zeros and holes; changed, unchanged, longer, shorter.</summary>
    private static void MakePlain(StoreFolder folder)
    {
        var volume = new GoldenVolume(1, 1_000_003);
        var chain = Fixture(folder, 1, 4096, HashAlgorithm.Xxh128, Codec.Zstd, null);
        volume.WriteText(0, 300_000);
        volume.WriteNoise(400_000, 10_000);
        volume.WriteZeros(500_000, 100_000);
        chain.Backup(volume.Device, ImageKind.Full);
        volume.WriteText(50_000, 5_000);
        volume.WriteZeros(100_000, 40_000);
        volume.Device.WriteZeros(200_000, 50_000);
        volume.WriteNoise(999_000, 1_003);
        chain.Backup(volume.Device, ImageKind.Incremental);
        chain.Backup(volume.Device, ImageKind.Incremental);
        volume.Device.Resize(600_001);
        chain.Backup(volume.Device, ImageKind.Incremental);
        volume.Device.Resize(1_200_000);
        volume.WriteText(1_100_000, 9_000);
        chain.Backup(volume.Device, ImageKind.Incremental);
    }

    /// <summary>Parts of 64 KiB that are named by their images.</summary>
    private static void MakeNamedParts(StoreFolder folder)
    {
        var volume = new GoldenVolume(7, 200_000);
        var chain = Fixture(folder, 7, 4096, HashAlgorithm.Xxh128, Codec.Lz4, null);
        chain.PartSize = ImageFormat.MinPartSize;
        volume.WriteNoise(0, 70_000);
        chain.Backup(volume.Device, ImageKind.Full);
        volume.WriteNoise(100_000, 60_000);
        chain.Backup(volume.Device, ImageKind.Incremental);
    }

    /// <summary>LZ4 in parts of 64 KiB, from before parts were named by their images, then none in one file.</summary>
    private static void MakeParts(StoreFolder folder)
    {
        var volume = new GoldenVolume(2, 500_000);
        var chain = Fixture(folder, 2, 4096, HashAlgorithm.Xxh128, Codec.Lz4, null);
        chain.PartSize = ImageFormat.MinPartSize;
        chain.NamesParts = false;
        volume.WriteNoise(0, 70_000);
        volume.WriteText(100_000, 200_000);
        chain.Backup(volume.Device, ImageKind.Full);
        volume.WriteText(90_000, 20_000);
        chain.Backup(volume.Device, ImageKind.Incremental);
        chain.PartSize = 0;
        chain.Codec = Codec.None;
        volume.WriteText(300_000, 9_000);
        chain.Backup(volume.Device, ImageKind.Incremental);
    }

    /// <summary>Keyed BLAKE3, encrypted, and then the passphrase changed: the images keep the first key slots.</summary>
    private static void MakeEncrypted(StoreFolder folder)
    {
        using var first = KeySource.FromPassphrase(Encoding.UTF8.GetBytes(FirstPassphrase));
        using var second = KeySource.FromPassphrase(Encoding.UTF8.GetBytes(SecondPassphrase));
        var volume = new GoldenVolume(3, 300_000);
        var chain = Fixture(folder, 3, 4096, HashAlgorithm.Blake3, Codec.Zstd, first);
        volume.WriteText(0, 150_000);
        chain.Backup(volume.Device, ImageKind.Full);
        volume.WriteText(20_000, 3_000);
        volume.WriteNoise(250_000, 6_000);
        chain.Backup(volume.Device, ImageKind.Incremental);
        using var loaded = Chain.Load(folder);
        var table = KeyOperations.ChangeKey(
            loaded.SelectKeys().Table!, first, second, folder.Name, new SeededRandomSource(33), Argon2Cost.Small);
        KeyTableFile.Write(folder, table);
    }

    /// <summary>Full, incremental, two differentials, an incremental on the last of them, and another full.</summary>
    private static void MakeDifferential(StoreFolder folder)
    {
        var volume = new GoldenVolume(4, 262_144);
        var chain = Fixture(folder, 4, 8192, HashAlgorithm.Blake3, Codec.Zstd, null);
        volume.WriteText(0, 200_000);
        ImageKind[] kinds =
        [
            ImageKind.Full, ImageKind.Incremental, ImageKind.Differential, ImageKind.Differential, ImageKind.Incremental, ImageKind.Full,
        ];
        for (var i = 0; i < kinds.Length; i++)
        {
            chain.Backup(volume.Device, kinds[i]);
            volume.WriteText(30_000 * i, 5_000);
        }
    }

    /// <summary>Sectors that fail, more of them, and none.</summary>
    private static void MakeUnreadable(StoreFolder folder)
    {
        var volume = new GoldenVolume(5, 200_000);
        var chain = Fixture(folder, 5, 4096, HashAlgorithm.Xxh128, Codec.Zstd, null);
        volume.WriteText(0, 200_000);
        volume.Device.Fail(10_240, 512);
        chain.Backup(volume.Device, ImageKind.Full);
        volume.Device.Fail(50_000, 9_000);
        volume.Device.Fail(199_900, 100);
        chain.Backup(volume.Device, ImageKind.Incremental);
        volume.Device.Heal();
        chain.Backup(volume.Device, ImageKind.Incremental);
    }

    /// <summary>64 KiB blocks of a volume that is no multiple of them.</summary>
    private static void MakeLargeBlocks(StoreFolder folder)
    {
        var volume = new GoldenVolume(6, 1_500_000);
        var chain = Fixture(folder, 6, 65536, HashAlgorithm.Xxh128, Codec.Zstd, null);
        volume.WriteText(100_000, 700_000);
        chain.Backup(volume.Device, ImageKind.Full);
        volume.WriteText(1_499_000, 1_000);
        volume.WriteText(400_000, 1_000);
        chain.Backup(volume.Device, ImageKind.Incremental);
    }

    private static ChainFixture Fixture(
        StoreFolder folder, ulong seed, int blockSize, HashAlgorithm hash, Codec codec, KeySource? key) =>
        new(folder, blockSize, hash, codec, key, seed)
        {
            Clock = () => new RunClock(new StoppedClock(Start), () => TimeSpan.Zero),

            // The defaults when they were made, whatever they are now.
            Level = codec == Codec.Zstd ? 3 : null,
            Cost = Argon2Cost.Small,
            Metadata = new ImageMetadata
            {
                Source = "golden volume",
                Description = "made by a fixed number",
                Machine = "harness",
                System = "none",
                Writer = "tidemark",
            },
            Identity = SourceIdentity.Of(new IdentityItem(IdentityKind.DeviceSerial, $"golden-{seed}")),
        };

    private sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;

        public override long GetTimestamp() => 0;
    }
}
