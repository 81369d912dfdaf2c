using System.Security.Cryptography;
using Tidemark.Engine;
using Tidemark.Engine.Keys;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Keys;

[DiffersBySystem]
public sealed class ImageCipherTests : IDisposable
{
    private static readonly Guid ImageId = Guid.Parse("5876f4de-b0f5-41fd-bd5b-ac9d62958e39");
    private static readonly Guid OtherId = Guid.Parse("00000000-0000-4000-8000-000000000001");
    private static readonly byte[] Extra = [1, 2, 3];

    private readonly byte[] key = [.. Enumerable.Range(0, 32).Select(value => (byte)value)];
    private readonly ImageCipher cipher;
    private readonly byte[] plain = new byte[70_001];
    private readonly byte[] target;

    public ImageCipherTests()
    {
        cipher = new ImageCipher(key, TestKeys.ChainId, ImageId);
        TestKeys.Random().Fill(plain);
        target = new byte[plain.Length + ImageCipher.TagSize];
        cipher.Seal(CipherSection.Frame, 5, Extra, plain, target);
    }

    public void Dispose() => cipher.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(4096)]
    [InlineData(1 << 20)]
    public void What_was_sealed_opens(int length)
    {
        var content = RandomNumberGenerator.GetBytes(length);
        var sealedContent = new byte[length + ImageCipher.TagSize];
        cipher.Seal(CipherSection.Metadata, 1, [], content, sealedContent);
        var opened = new byte[length];
        cipher.Open(CipherSection.Metadata, 1, [], sealedContent, opened);
        Assert.Equal(content, opened);
    }

    [Fact]
    public void Sealing_and_opening_work_in_place()
    {
        var buffer = new byte[target.Length];
        plain.CopyTo(buffer, 0);
        cipher.Seal(CipherSection.Frame, 5, Extra, buffer.AsSpan(0, plain.Length), buffer);
        Assert.Equal(target, buffer);
        cipher.Open(CipherSection.Frame, 5, Extra, buffer, buffer.AsSpan(0, plain.Length));
        Assert.Equal(plain, buffer[..plain.Length]);
    }

    [Fact]
    public void The_same_bytes_dont_open_as_another_piece()
    {
        Assert.True(Opens(cipher, CipherSection.Frame, 5, Extra));
        Assert.False(Opens(cipher, CipherSection.Frame, 6, Extra));
        Assert.False(Opens(cipher, CipherSection.Frame, 5UL << 32, Extra));
        foreach (var section in Enum.GetValues<CipherSection>().Where(section => section != CipherSection.Frame))
        {
            Assert.False(Opens(cipher, section, 5, Extra));
        }

        Assert.False(Opens(cipher, CipherSection.Frame, 5, []));
        Assert.False(Opens(cipher, CipherSection.Frame, 5, [1, 2, 4]));
        Assert.False(Opens(cipher, CipherSection.Frame, 5, [1, 2, 3, 0]));
    }

    [Fact]
    public void The_same_bytes_dont_open_in_another_image_or_chain_even_under_the_same_key()
    {
        using var same = new ImageCipher(key, TestKeys.ChainId, ImageId);
        using var image = new ImageCipher(key, TestKeys.ChainId, OtherId);
        using var chain = new ImageCipher(key, OtherId, ImageId);
        Assert.True(Opens(same, CipherSection.Frame, 5, Extra));
        Assert.False(Opens(image, CipherSection.Frame, 5, Extra));
        Assert.False(Opens(chain, CipherSection.Frame, 5, Extra));
    }

    [Fact]
    public void Equal_content_is_sealed_differently_in_every_piece_and_image()
    {
        using var source = TestKeys.Passphrase("ebb");
        var (_, keys) = KeyOperations.CreateTable(TestKeys.ChainId, source, TestKeys.Random(), TestKeys.Cheap);
        var seen = new HashSet<string>();
        foreach (var image in new[] { ImageId, OtherId })
        {
            using var own = keys.CreateCipher(image);
            foreach (var section in Enum.GetValues<CipherSection>())
            {
                for (var ordinal = 0UL; ordinal < 4; ordinal++)
                {
                    var content = new byte[32 + ImageCipher.TagSize];
                    own.Seal(section, ordinal, [], new byte[32], content);
                    Assert.True(seen.Add(Convert.ToHexString(content.AsSpan(0, 32))));
                }
            }
        }

        keys.Dispose();
    }

    [Fact]
    public void Every_flipped_bit_is_damage_and_no_plain_byte_gets_out()
    {
        var content = new byte[64];
        Array.Fill(content, (byte)0xA5);
        var sealedContent = new byte[content.Length + ImageCipher.TagSize];
        cipher.Seal(CipherSection.Footer, 0, Extra, content, sealedContent);
        var opened = new byte[content.Length];
        for (var bit = 0; bit < sealedContent.Length * 8; bit++)
        {
            sealedContent[bit / 8] ^= (byte)(1 << (bit % 8));
            Array.Fill(opened, (byte)0xEE);
            TestKeys.Fails(TidemarkError.Damaged, () => cipher.Open(CipherSection.Footer, 0, Extra, sealedContent, opened));
            Assert.Equal(-1, opened.AsSpan().IndexOfAnyExcept((byte)0));
            sealedContent[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        cipher.Open(CipherSection.Footer, 0, Extra, sealedContent, opened);
        Assert.Equal(content, opened);
    }

    [Fact]
    public void What_is_shorter_than_a_tag_is_damage()
    {
        for (var length = 0; length < ImageCipher.TagSize; length++)
        {
            TestKeys.Fails(TidemarkError.Damaged, () => cipher.Open(CipherSection.Frame, 0, [], new byte[length], []));
        }
    }

    [Fact]
    public void Extra_bytes_go_up_to_their_bound_and_no_further()
    {
        var extra = new byte[ImageCipher.MaxExtraSize];
        var content = new byte[ImageCipher.TagSize];
        cipher.Seal(CipherSection.Frame, 9, extra, [], content);
        cipher.Open(CipherSection.Frame, 9, extra, content, []);
        extra[^1] ^= 1;
        Assert.False(cipher.TryOpen(CipherSection.Frame, 9, extra, content, []));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => cipher.Seal(CipherSection.Frame, 10, new byte[ImageCipher.MaxExtraSize + 1], [], content));
    }

    [Fact]
    public void Sealing_and_opening_allocate_nothing()
    {
        var opened = new byte[plain.Length];
        var extra = new byte[ImageCipher.MaxExtraSize];
        Loop(100);

        // Not per call: Windows' own cipher takes a few hundred bytes once in a while.
        Assert.InRange(HeapUse.Least(() => Loop(1000)), 0, OperatingSystem.IsWindows() ? 999 : 0);
        Assert.Equal(plain, opened);

        void Loop(uint count)
        {
            for (var i = 0u; i < count; i++)
            {
                cipher.Seal(CipherSection.Frame, i, extra, plain, target);
                cipher.Open(CipherSection.Frame, i, extra, target, opened);
            }
        }
    }

    [Fact]
    public async Task Clones_work_at_the_same_time()
    {
        var ciphers = Enumerable.Range(0, 4).Select(_ => cipher.Clone()).ToArray();
        await Task.WhenAll(ciphers.Select((own, worker) => Task.Run(() =>
        {
            var sealedContent = new byte[target.Length];
            var opened = new byte[plain.Length];
            for (var i = 0u; i < 200; i++)
            {
                var ordinal = (i * 4) + (uint)worker;
                own.Seal(CipherSection.Frame, ordinal, [], plain, sealedContent);
                ciphers[worker].Open(CipherSection.Frame, ordinal, [], sealedContent, opened);
                Assert.True(plain.AsSpan().SequenceEqual(opened));
            }
        })));
        foreach (var own in ciphers)
        {
            Assert.True(Opens(own, CipherSection.Frame, 5, Extra));
            own.Dispose();
        }

        Assert.True(Opens(cipher, CipherSection.Frame, 5, Extra));
    }

    private bool Opens(ImageCipher by, CipherSection section, ulong ordinal, byte[] extra) =>
        by.TryOpen(section, ordinal, extra, target, new byte[plain.Length]);
}
