using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Stores;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Engine;

[DiffersBySystem]
public class RoundTripTests
{
    [Theory]
    [InlineData(4096, "xxh128", "zstd", false, 0)]
    [InlineData(4096, "xxh128", "lz4", true, 0)]
    [InlineData(65536, "xxh128", "none", false, 65536)]
    [InlineData(1 << 20, "xxh128", "zstd", true, 131072)]
    public void Every_image_of_a_chain_restores_bit_for_bit(int blockSize, string hash, string codec, bool encrypted, long part)
    {
        var folder = new MemoryStore().CreateFolder("chain");
        using var key = encrypted ? KeySource.FromPassphrase("secret"u8) : null;
        var fixture = new ChainFixture(
            folder, blockSize, Enum.Parse<HashAlgorithm>(hash, true), Enum.Parse<Codec>(codec, true), key, 1)
        { PartSize = part };
        var random = new Random(7);
        var content = new byte[3_000_500];
        random.NextBytes(content.AsSpan(0, 1_500_000));
        List<byte[]> points = [];
        for (var i = 0; i < 5; i++)
        {
            var device = new MemoryDevice((byte[])content.Clone());
            var kind = i == 0 ? ImageKind.Full : i == 3 ? ImageKind.Differential : ImageKind.Incremental;
            fixture.Backup(device, kind);
            points.Add((byte[])content.Clone());
            random.NextBytes(content.AsSpan(random.Next(content.Length - 9000), 9000));
            content.AsSpan(random.Next(content.Length - 90000), 90000).Clear();
            Array.Resize(ref content, content.Length + random.Next(-400_000, 400_000));
        }

        for (var i = 0; i < points.Count; i++)
        {
            var restored = fixture.Restore(i + 1, out var damage);
            Assert.Empty(damage);
            Assert.Equal(points[i].Length, restored.Length);
            Assert.True(points[i].AsSpan().SequenceEqual(restored), $"image {i + 1} differs");
        }
    }
}
