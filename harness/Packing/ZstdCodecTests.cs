using Tidemark.Engine;
using Tidemark.Engine.Format;
using Tidemark.Engine.Packing;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Packing;

/// <summary>
/// Two implementations of zstd, one contract: each decodes what the other made. No dictionaries: the format has none.
/// </summary>
public class ZstdCodecTests
{
    private const int Largest = 1 << 20;

    public static TheoryData<bool, bool> Pairs => new() { { true, true }, { true, false }, { false, true }, { false, false } };

    [Fact]
    public void The_native_library_loads_here() => Assert.Null(NativeZstd.TryLoad());

    [Theory]
    [MemberData(nameof(Pairs))]
    public void What_one_packs_at_any_level_the_other_unpacks(bool nativePacks, bool nativeUnpacks)
    {
        var random = Seed.Random();
        using var unpacker = Make(nativeUnpacks, null);
        for (var level = 1; level <= FrameCodec.MaxZstdLevel; level++)
        {
            using var packer = Make(nativePacks, level);
            var seldom = level is 1 or 2 or FrameCodec.MaxZstdLevel;
            foreach (var length in (int[])[0, 1, 4096, random.Next(2, 128 << 10), .. seldom ? (int[])[128 << 10, Largest] : []])
            {
                var plain = new byte[length];
                random.NextBytes(plain.AsSpan(0, length / 3));
                Exchange(packer, unpacker, plain);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_mebibyte_that_does_not_shrink_passes_from_one_to_the_other(bool nativePacks, bool nativeUnpacks)
    {
        var plain = new byte[Largest];
        Seed.Random().NextBytes(plain);
        using var unpacker = Make(nativeUnpacks, null);
        foreach (var level in (int[])[1, FrameCodec.DefaultLevel(Codec.Zstd), FrameCodec.MaxZstdLevel])
        {
            using var packer = Make(nativePacks, level);
            Assert.InRange(Exchange(packer, unpacker, plain).Length, Largest, ZstdCodec.Bound(Largest));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Both_refuse_what_breaks_the_format(bool nativePacks)
    {
        using var packer = Make(nativePacks, 2);
        using var native = Make(native: true, null);
        using var managed = Make(native: false, null);
        var plain = FileTree.Content(Seed.Random(), 100_000);
        var packed = new byte[ZstdCodec.Bound(plain.Length)];
        var stored = packed[..packer.Compress(plain, packed, packed.Length)];
        var back = new byte[plain.Length];

        // RFC 8878, section 3.1.1: magic number, the frame header's reserved bit, and the first block's type 3, which is
        // reserved. The header has 4 bytes of content size behind its descriptor, since one segment holds all.
        const int Descriptor = 4, FirstBlock = 9;
        Assert.Equal(0xA0, stored[Descriptor] & 0xE0);
        Refused("another magic number", stored => stored[0] ^= 1);
        Refused("the reserved bit", stored => stored[Descriptor] |= 0x08);
        Refused("a reserved block type", stored => stored[FirstBlock] |= 0x06);
        Refused("a dictionary that nobody has", stored => stored[Descriptor] |= 0x01);
        Refused("another content size", stored => stored[Descriptor + 1] ^= 0x10);
        foreach (var length in (int[])[0, 1, Descriptor, FirstBlock, FirstBlock + 3, stored.Length / 2, stored.Length - 1])
        {
            Assert.False(native.TryDecompress(stored.AsSpan(0, length), back), $"native, {length} bytes");
            Assert.False(managed.TryDecompress(stored.AsSpan(0, length), back), $"managed, {length} bytes");
        }

        Assert.False(native.TryDecompress((byte[])[.. stored, 1, 2, 3, 4, 5], back));
        Assert.False(managed.TryDecompress((byte[])[.. stored, 1, 2, 3, 4, 5], back));
        Assert.True(native.TryDecompress(stored, back));
        Assert.True(managed.TryDecompress(stored, back));

        void Refused(string what, Action<byte[]> damage)
        {
            byte[] damaged = [.. stored];
            damage(damaged);
            Assert.False(native.TryDecompress(damaged, back), $"native: {what}");
            Assert.False(managed.TryDecompress(damaged, back), $"managed: {what}");
        }
    }

    [SeededProperty(200)]
    public void What_both_take_of_damaged_bytes_is_the_same_content(int seed, bool nativePacks)
    {
        var random = new Random(seed);
        using var packer = Make(nativePacks, random.Next(1, 8));
        using var native = Make(native: true, null);
        using var managed = Make(native: false, null);
        var plain = FileTree.Content(random, random.Next(1, 64 << 10));
        var packed = new byte[ZstdCodec.Bound(plain.Length)];
        var stored = packed[..packer.Compress(plain, packed, packed.Length)];
        stored[random.Next(stored.Length)] ^= (byte)(1 << random.Next(8));
        byte[] one = new byte[plain.Length], other = new byte[plain.Length];
        Assert.Equal(native.TryDecompress(stored, one), managed.TryDecompress(stored, other));
        if (native.TryDecompress(stored, one))
        {
            Assert.True(one.AsSpan().SequenceEqual(other));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_does_not_shrink_enough_is_given_up(bool native)
    {
        using var codec = Make(native, 3);
        var plain = new byte[128 << 10];
        Seed.Random().NextBytes(plain);
        var packed = new byte[ZstdCodec.Bound(plain.Length)];
        Assert.Equal(0, codec.Compress(plain, packed, plain.Length - 1));
        Assert.Equal(0, HeapUse.Least(() => codec.Compress(plain, packed, plain.Length - 1)));
        plain.AsSpan(0, plain.Length / 2).Clear();
        Assert.InRange(codec.Compress(plain, packed, plain.Length - 1), 1, (plain.Length / 2) + 4096);
        Assert.Equal(0, HeapUse.Least(() => codec.Compress(plain, packed, plain.Length - 1)));
    }

    [SeededProperty(200)]
    public void Damaged_bytes_give_false_and_nothing_else(int seed, bool native)
    {
        var random = new Random(seed);
        using var codec = Make(native, random.Next(1, 8));
        var plain = FileTree.Content(random, random.Next(1, 64 << 10));
        var packed = new byte[ZstdCodec.Bound(plain.Length)];
        var taken = codec.Compress(plain, packed, packed.Length);
        var stored = packed[..taken];
        for (var i = random.Next(1, 10); i > 0; i--)
        {
            stored[random.Next(taken)] = (byte)random.Next(256);
        }

        // Whether zstd notices is its own affair (the frame's checksum does); it never throws and never writes past the end.
        var room = new byte[plain.Length + 16];
        room.AsSpan(plain.Length).Fill(0xA5);
        codec.TryDecompress(stored.AsSpan(0, random.Next(taken + 1)), room.AsSpan(0, plain.Length));
        codec.TryDecompress(stored, room.AsSpan(0, plain.Length));
        Assert.Equal(-1, room.AsSpan(plain.Length).IndexOfAnyExcept((byte)0xA5));
        Assert.False(codec.TryDecompress([], room.AsSpan(0, plain.Length)));
    }

    [Fact]
    public void The_switch_forces_managed_code_and_the_reason_is_told()
    {
        Assert.Null(ZstdCodec.Choose(null));
        Assert.Null(ZstdCodec.Choose("native"));
        Assert.Contains(ZstdCodec.Switch, ZstdCodec.Choose("managed"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_chain_is_written_by_one_and_read_by_the_other()
    {
        using var folder = new TempFolder("zstd");
        var source = folder.At("source");
        File.WriteAllBytes(source, FileTree.Content(Seed.Random(), 3_000_000));
        var managed = new Dictionary<string, string?> { [ZstdCodec.Switch] = "managed" };
        string[] backup = ["backup", source, "--to", folder.At("store"), "--json"];
        var first = TidemarkCli.Run(backup, managed).Succeeded().Result;
        Assert.Contains("managed code", first.GetProperty("notes").GetRawText(), StringComparison.Ordinal);
        CommandLine.Cli.Overwrite(source, 100_000, 500_000, 9);
        var second = TidemarkCli.Run(backup).Succeeded().Result;
        Assert.DoesNotContain("managed code", second.GetProperty("notes").GetRawText(), StringComparison.Ordinal);
        TidemarkCli.Run(["verify", folder.At("store"), "--deep"], managed).Succeeded();
        TidemarkCli.Run(["restore", second.Text("chain"), folder.At("one")], managed).Succeeded();
        TidemarkCli.Run("restore", second.Text("chain"), folder.At("other")).Succeeded();
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(folder.At("one")));
        Assert.Equal(FileTree.Hash(source), FileTree.Hash(folder.At("other")));
    }

    /// <summary>Packs by one, unpacks by the other, and tries lengths that it never had. Returns what was packed.</summary>
    private static byte[] Exchange(ZstdCodec packer, ZstdCodec unpacker, byte[] plain)
    {
        var packed = new byte[ZstdCodec.Bound(plain.Length)];
        var stored = packed[..packer.Compress(plain, packed, packed.Length)];
        Assert.NotEmpty(stored);
        var back = new byte[plain.Length];
        Assert.True(unpacker.TryDecompress(stored, back));
        Assert.True(plain.AsSpan().SequenceEqual(back));

        // Another length than it had is no answer, shorter or longer.
        Assert.False(unpacker.TryDecompress(stored, new byte[plain.Length + 1]));
        Assert.False(unpacker.TryDecompress(stored.AsSpan(0, stored.Length - 1), back));
        if (plain.Length > 0)
        {
            Assert.False(unpacker.TryDecompress(stored, new byte[plain.Length - 1]));
        }

        return stored;
    }

    private static ZstdCodec Make(bool native, int? level) => native ? new NativeZstd(level) : new ManagedZstd(level);
}
