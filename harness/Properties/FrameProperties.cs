using System.IO.Hashing;
using Tidemark.Engine;
using Tidemark.Engine.Format;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Packing;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Properties;

/// <summary>Frames come back as they went in; changed ones are told, whatever was changed.</summary>
public class FrameProperties
{
    private static readonly Guid ImageId = Guid.Parse("11111111-2222-3333-4444-555555555555");

    /// <summary>What reading one damaged frame may take from the heap: a message, an exception of the decompressor.</summary>
    private const long MostAllocated = 256 << 10;

    [SeededProperty(60)]
    public void A_frame_comes_back_as_it_went_in(int seed, byte codecDraw, bool encrypted)
    {
        var random = new Random(seed);
        using var cipher = encrypted ? Cipher() : null;
        var (plain, ranges, blockSize, stored) = Encode(random, (Codec)(codecDraw % 3), cipher, out var ordinal);
        using var decoder = new FrameDecoder();
        Assert.Null(decoder.Check(stored, ImageId, blockSize, out var header));
        Assert.Equal(ordinal, header.Ordinal);
        var target = new byte[plain.Length + random.Next(100)];
        Assert.Null(decoder.Decode((byte[])stored.Clone(), ImageId, blockSize, cipher, target, out var length));
        Assert.Equal(plain.Length, length);
        Assert.True(plain.AsSpan().SequenceEqual(target.AsSpan(0, length)));
        Assert.True(ranges.AsSpan().SequenceEqual(decoder.Ranges));

        // Of another image, without its key, or with one where none is needed: never content.
        Assert.NotNull(decoder.Decode((byte[])stored.Clone(), Guid.Empty, blockSize, cipher, target, out _));
        using var other = encrypted ? null : Cipher();
        Assert.NotNull(decoder.Decode((byte[])stored.Clone(), ImageId, blockSize, other, target, out _));
    }

    [SeededProperty(300)]
    public void A_changed_byte_of_a_frame_is_found(int seed, byte codecDraw, bool encrypted)
    {
        var random = new Random(seed);
        using var cipher = encrypted ? Cipher() : null;
        var (plain, _, blockSize, stored) = Encode(random, (Codec)(codecDraw % 3), cipher, out _);
        stored[random.Next(stored.Length)] ^= (byte)random.Next(1, 256);
        using var decoder = new FrameDecoder();
        Assert.NotNull(decoder.Check(stored, ImageId, blockSize, out _));
        Assert.NotNull(decoder.Decode(stored, ImageId, blockSize, cipher, new byte[plain.Length], out _));
    }

    [SeededProperty(600)]
    public void A_forged_frame_with_right_checks_stays_within_its_bounds(int seed, byte codecDraw)
    {
        var random = new Random(seed);
        var (plain, _, blockSize, stored) = Encode(random, (Codec)(codecDraw % 3), null, out _);
        var headerLength = BitConverter.ToUInt16(stored, 4);
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            // Mostly the fixed fields and the ranges, now and then the payload.
            var at = random.Next(4) == 0 ? random.Next(stored.Length) : random.Next(headerLength);
            stored[at] = (byte)(random.Next(3) switch { 0 => 0, 1 => 0xFF, _ => random.Next(256) });
        }

        Reseal(stored);
        using var decoder = new FrameDecoder();
        var target = new byte[plain.Length];
        decoder.Decode((byte[])stored.Clone(), ImageId, blockSize, null, target, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var problem = decoder.Decode(stored, ImageId, blockSize, null, target, out var length);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < MostAllocated);
        Assert.True(problem is null || length == 0);
        Assert.True(length <= plain.Length);
        if (problem is null)
        {
            Assert.Equal(length, decoder.Ranges.ToArray().Where(r => r.State.IsStored()).Sum(r => r.Count * blockSize));
        }
    }

    [SeededProperty(300)]
    public void Any_bytes_read_as_a_frame_are_refused(byte[] bytes)
    {
        using var decoder = new FrameDecoder();
        Assert.NotNull(decoder.Decode(bytes, ImageId, 4096, null, new byte[4096], out _));
    }

    private static ImageCipher Cipher()
    {
        using var key = KeySource.FromKey(new byte[64]);
        var (_, keys) = KeyOperations.CreateTable(Guid.Empty, key, new SeededRandomSource(1));
        using (keys)
        {
            return keys.CreateCipher(ImageId);
        }
    }

    private static (byte[] Plain, BlockRange[] Ranges, int BlockSize, byte[] Stored) Encode(
        Random random, Codec codec, ImageCipher? cipher, out long ordinal)
    {
        var blockSize = 4096 << random.Next(4);
        var blocks = random.Next(1, 1 + (ImageFormat.DefaultFrameBytes / blockSize));
        var plain = FileTree.Content(random, blocks * blockSize);
        var ranges = new List<BlockRange>();
        var at = random.NextInt64(1L << random.Next(1, 50));
        for (var left = blocks; left > 0;)
        {
            var state = random.Next(4) == 0 ? BlockState.Unreadable : BlockState.Data;
            if (random.Next(4) == 0)
            {
                // Runs without content are listed and take no place.
                ranges.Add(new BlockRange(at, 1 + random.NextInt64(1L << random.Next(1, 40)), BlockState.Unallocated));
                at = ranges[^1].End;
            }

            var count = random.Next(1, left + 1);
            ranges.Add(new BlockRange(at, count, state));
            at += count + random.Next(1, 1000);
            left -= count;
        }

        ordinal = random.NextInt64(1L << 40);
        using var encoder = new FrameEncoder(codec, Math.Max(1, FrameCodec.DefaultLevel(codec)), cipher, ImageId, plain.Length);
        var frame = new byte[FrameEncoder.Room(plain.Length)];
        var length = encoder.Encode(plain, ranges.ToArray(), ordinal, frame);
        return (plain, [.. ranges], blockSize, frame[..length]);
    }

    /// <summary>Puts both checks right, as far as the header's length still makes sense.</summary>
    private static void Reseal(byte[] frame)
    {
        var length = BitConverter.ToUInt16(frame, 4);
        if (length >= 72 && length <= frame.Length)
        {
            BitConverter.TryWriteBytes(frame.AsSpan(48), XxHash3.HashToUInt64(frame.AsSpan(length)));
            BitConverter.TryWriteBytes(frame.AsSpan(length - 8), XxHash3.HashToUInt64(frame.AsSpan(0, length - 8)));
        }
    }
}
