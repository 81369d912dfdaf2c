using Tidemark.Engine;
using Tidemark.Engine.Packing;
using Tidemark.Harness.CommandLine;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Packing;

/// <summary>Two implementations of zstd, one contract: each decodes what the other made.</summary>
public class ZstdCodecTests
{
    private const int Largest = 1 << 20;

    public static TheoryData<bool, bool> Pairs => new() { { true, true }, { true, false }, { false, true }, { false, false } };

    [Fact]
    public void The_native_library_loads_here() => Assert.Null(NativeZstd.TryLoad());

    [Theory]
    [MemberData(nameof(Pairs))]
    public void What_one_packs_the_other_unpacks(bool nativePacks, bool nativeUnpacks)
    {
        var random = Seed.Random();
        using var unpacker = Make(nativeUnpacks, null);
        for (var level = 1; level <= FrameCodec.MaxZstdLevel; level += level < 6 ? 1 : 13)
        {
            using var packer = Make(nativePacks, level);
            foreach (var length in (int[])[1, 4096, random.Next(2, 128 << 10), 128 << 10, Largest])
            {
                var plain = new byte[length];
                random.NextBytes(plain.AsSpan(0, length / 3));
                var packed = new byte[ZstdCodec.Bound(length)];
                var taken = packer.Compress(plain, packed, packed.Length);
                Assert.InRange(taken, 1, packed.Length);
                var back = new byte[length];
                Assert.True(unpacker.TryDecompress(packed.AsSpan(0, taken), back));
                Assert.True(plain.AsSpan().SequenceEqual(back));

                // Another length than it had is no answer, shorter or longer.
                Assert.False(unpacker.TryDecompress(packed.AsSpan(0, taken), new byte[length + 1]));
                Assert.False(unpacker.TryDecompress(packed.AsSpan(0, taken), new byte[length - 1]));
                Assert.False(unpacker.TryDecompress(packed.AsSpan(0, taken - 1), back));
            }
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

    private static ZstdCodec Make(bool native, int? level) => native ? new NativeZstd(level) : new ManagedZstd(level);
}
