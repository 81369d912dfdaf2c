using System.Buffers.Binary;
using Tidemark.Engine.Hashing;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Hashing;

public class Blake3Tests
{
    public static TheoryData<string> Rungs => Blake3TestVectors.RungNames;

    [Fact]
    public void The_official_vectors_are_all_there()
    {
        // Lengths on both sides of every boundary of chunks and trees up to eight chunks, and some large ones.
        Assert.Equal(
            [0, 1, 1023, 1024, 1025, 2048, 2049, 3072, 3073, 4096, 4097, 5120, 5121, 6144, 6145, 7168, 7169, 8192, 8193, 16384, 31744, 102400],
            Blake3TestVectors.Cases.Select(item => item.InputLength));
        Assert.All(Blake3TestVectors.Cases, item => Assert.True(item.Hash.Length > 64, "extended output"));
    }

    [Fact]
    public void The_reference_gives_the_official_outputs()
    {
        Assert.All(Blake3TestVectors.Cases, item =>
        {
            var input = item.Input();
            AssertOutputs(item.Hash, output => Blake3Reference.Hash(input, output));
            AssertOutputs(item.KeyedHash, output => Blake3Reference.KeyedHash(Blake3TestVectors.Key, input, output));
            AssertOutputs(item.DeriveKey, output => Blake3Reference.DeriveKey(Blake3TestVectors.Context, input, output));
        });
    }

    [Theory]
    [MemberData(nameof(Rungs))]
    public void Every_rung_gives_the_official_outputs(string name)
    {
        var rung = Blake3TestVectors.RungOrSkip(name);
        Assert.All(Blake3TestVectors.Cases, item =>
        {
            var input = item.Input();
            AssertOutputs(item.Hash, output => Blake3.Hash(rung, input, output));
            AssertOutputs(item.KeyedHash, output => Blake3.KeyedHash(rung, Blake3TestVectors.Key, input, output));
            AssertOutputs(item.DeriveKey, output => Blake3.DeriveKey(rung, Blake3TestVectors.Context, input, output));
        });
    }

    [Theory]
    [MemberData(nameof(Rungs))]
    public void Blocks_hash_to_the_first_half_of_the_official_keyed_hash(string name)
    {
        var hasher = new Blake3Hasher(Blake3TestVectors.Key, Blake3TestVectors.RungOrSkip(name));
        var blocks = Blake3TestVectors.Cases.Where(item => item.InputLength is 4096 or 8192 or 16384).ToList();
        Assert.Equal(3, blocks.Count);
        Assert.All(blocks, item => Assert.Equal(
            BinaryPrimitives.ReadUInt128LittleEndian(item.KeyedHash), hasher.HashBlock(item.Input())));
    }

    [Fact]
    public void The_api_without_a_rung_gives_the_official_outputs()
    {
        Assert.True(Blake3Rung.Best.IsSupported);
        Assert.All(Blake3TestVectors.Cases, item =>
        {
            var input = item.Input();
            AssertOutputs(item.Hash, output => Blake3.Hash(input, output));
            AssertOutputs(item.KeyedHash, output => Blake3.KeyedHash(Blake3TestVectors.Key, input, output));
            AssertOutputs(item.DeriveKey, output => Blake3.DeriveKey(Blake3TestVectors.Context, input, output));
        });
    }

    [Theory]
    [MemberData(nameof(Rungs))]
    public void Hashing_takes_nothing_from_the_heap(string name)
    {
        var rung = Blake3TestVectors.RungOrSkip(name);
        var hasher = new Blake3Hasher(Blake3TestVectors.Key, rung);
        var data = new byte[2 << 20];
        var hashes = new UInt128[data.Length / 4096];
        var output = new byte[32];

        void HashAll()
        {
            for (var blockSize = 4 << 10; blockSize <= 1 << 20; blockSize *= 2)
            {
                // One block less than there is, so that the rungs below take part too.
                var count = (data.Length / blockSize) - 1;
                hasher.HashBlocks(data.AsSpan(0, count * blockSize), blockSize, hashes.AsSpan(0, count));
            }

            Blake3.Hash(rung, data.AsSpan(0, 100_001), output);
            Blake3.DeriveKey(rung, Blake3TestVectors.Context, data.AsSpan(0, 32), output);
        }

        HashAll();
        Assert.Equal(0, HeapUse.Least(HashAll));
    }

    [Fact]
    public void One_hasher_serves_many_threads()
    {
        var hasher = BlockHasher.Create(HashAlgorithm.Blake3, Blake3TestVectors.Key);
        Assert.Equal(HashAlgorithm.Blake3, hasher.Algorithm);
        var data = new byte[64 * 4096];
        new Random(7).NextBytes(data);
        var expected = new UInt128[64];
        hasher.HashBlocks(data, 4096, expected);
        Parallel.For(0, 64, _ =>
        {
            var hashes = new UInt128[64];
            hasher.HashBlocks(data, 4096, hashes);
            Assert.Equal(expected, hashes);
        });
    }

    /// <summary>The extended output, its default length, and odd lengths are all beginnings of one another.</summary>
    private static void AssertOutputs(byte[] expected, Action<byte[]> hash)
    {
        foreach (var length in (int[])[expected.Length, 32, 16, 1, 0, 63, 64, 65])
        {
            var output = new byte[length];
            hash(output);
            Assert.Equal(expected[..length], output);
        }
    }
}
