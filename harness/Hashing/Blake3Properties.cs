using System.Buffers.Binary;
using FsCheck;
using FsCheck.Xunit;
using Tidemark.Engine.Hashing;
using Xunit;

namespace Tidemark.Harness.Hashing;

/// <summary>
/// The rungs against the reference. Contents and keys are drawn from a seed that is an argument, so that the arguments
/// which FsCheck prints tell the whole case.
/// </summary>
public class Blake3Properties
{
    /// <summary>Bytes hashed at most in one case: enough for several groups of the widest rung, and quick in scalar code.</summary>
    private const int MaxBytes = 400_000;

    [Property(MaxTest = 60)]
    public void Every_rung_equals_the_reference_for_inputs_of_any_length(int seed, NonNegativeInt lengthDraw, bool nearChunk, byte outputLength)
    {
        var random = new Random(seed);
        var length = nearChunk
            ? Math.Max(0, (lengthDraw.Get * 7919 % (MaxBytes / 1024) * 1024) + random.Next(-1, 2))
            : random.Next(MaxBytes);
        var (key, input) = (Draw(random, 32), Draw(random, length));
        var (expected, actual) = (new byte[outputLength], new byte[outputLength]);
        foreach (var rung in Blake3TestVectors.SupportedRungs())
        {
            Blake3Reference.Hash(input, expected);
            Blake3.Hash(rung, input, actual);
            Assert.Equal(expected, actual);

            Blake3Reference.KeyedHash(key, input, expected);
            Blake3.KeyedHash(rung, key, input, actual);
            Assert.Equal(expected, actual);

            Blake3Reference.DeriveKey(key, input, expected);
            Blake3.DeriveKey(rung, key, input, actual);
            Assert.Equal(expected, actual);
        }
    }

    [Property(MaxTest = 60)]
    public void Every_rung_equals_the_reference_for_every_block_of_many(int seed, byte sizeDraw, byte countDraw)
    {
        var random = new Random(seed);
        var blockSize = BlockSizeOf(sizeDraw);
        var count = 1 + (countDraw % Math.Max(1, Math.Min(100, MaxBytes / blockSize)));
        var key = Draw(random, 32);

        // Blocks needn't be aligned to anything.
        var offset = random.Next(64);
        var data = Draw(random, offset + (count * blockSize)).AsSpan(offset);
        var expected = new UInt128[count];
        Span<byte> output = stackalloc byte[32];
        for (var i = 0; i < count; i++)
        {
            Blake3Reference.KeyedHash(key, data.Slice(i * blockSize, blockSize), output);
            expected[i] = BinaryPrimitives.ReadUInt128LittleEndian(output);
        }

        foreach (var rung in Blake3TestVectors.SupportedRungs())
        {
            var hashes = new UInt128[count];
            new Blake3Hasher(key, rung).HashBlocks(data, blockSize, hashes);
            Assert.Equal(expected, hashes);
        }
    }

    [Property(MaxTest = 60)]
    public void A_flipped_bit_changes_the_hash_of_its_block_alone(int seed, byte sizeDraw)
    {
        var random = new Random(seed);
        var blockSize = BlockSizeOf(sizeDraw);
        var count = Math.Clamp(MaxBytes / blockSize, 1, 40);
        var hasher = new Blake3Hasher(Draw(random, 32));
        var data = Draw(random, count * blockSize);
        var before = new UInt128[count];
        hasher.HashBlocks(data, blockSize, before);

        var at = random.Next(data.Length);
        data[at] ^= (byte)(1 << random.Next(8));
        var after = new UInt128[count];
        hasher.HashBlocks(data, blockSize, after);
        for (var i = 0; i < count; i++)
        {
            Assert.Equal(i != at / blockSize, before[i] == after[i]);
        }
    }

    [Property(MaxTest = 60)]
    public void A_flipped_bit_of_the_key_changes_every_hash(int seed, byte sizeDraw)
    {
        var random = new Random(seed);
        var blockSize = BlockSizeOf(sizeDraw);
        var count = Math.Clamp(MaxBytes / blockSize, 1, 20);
        var (key, data) = (Draw(random, 32), Draw(random, count * blockSize));
        var (before, after) = (new UInt128[count], new UInt128[count]);
        new Blake3Hasher(key).HashBlocks(data, blockSize, before);
        key[random.Next(key.Length)] ^= (byte)(1 << random.Next(8));
        new Blake3Hasher(key).HashBlocks(data, blockSize, after);
        Assert.Empty(before.Intersect(after));
    }

    private static byte[] Draw(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>A power of two from 4 KiB to 1 MiB.</summary>
    private static int BlockSizeOf(byte draw) => (4 << 10) << (draw % 9);
}
