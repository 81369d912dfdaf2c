using System.Buffers.Binary;
using System.IO.Hashing;
using Tidemark.Engine.Hashing;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Hashing;

public class Xxh128Tests
{
    private const ulong Prime32 = 2654435761;
    private const ulong Prime64 = 11400714785074694797;

    /// <summary>Input length, seed, low and high half, from xxHash's own self-test.</summary>
    public static TheoryData<int, ulong, ulong, ulong> Vectors => new()
    {
        { 0, 0, 0x6001C324468D497F, 0x99AA06D3014798D8 },
        { 0, Prime32, 0x5444F7869C671AB0, 0x92220AE55E14AB50 },
        { 1, 0, 0xC44BDFF4074EECDB, 0xA6CD5E9392000F6A },
        { 1, Prime32, 0xB53D5557E7F76F8D, 0x89B99554BA22467C },
        { 6, 0, 0x3E7039BDDA43CFC6, 0x082AFE0B8162D12A },
        { 6, Prime32, 0x269D8F70BE98856E, 0x5A865B5389ABD2B1 },
        { 12, 0, 0x061A192713F69AD9, 0x6E3EFD8FC7802B18 },
        { 12, Prime32, 0x9BE9F9A67F3C7DFB, 0xD7E09D518A3405D3 },
        { 24, 0, 0x1E7044D28B1B901D, 0x0CE966E4678D3761 },
        { 24, Prime32, 0xD7304C54EBAD40A9, 0x3162026714A6A243 },
        { 48, 0, 0xF942219AED80F67B, 0xA002AC4E5478227E },
        { 48, Prime32, 0x7BA3C3E453A1934E, 0x163ADDE36C072295 },
        { 81, 0, 0x5E8BAFB9F95FB803, 0x4952F58181AB0042 },
        { 81, Prime32, 0x703FBB3D7A5F755C, 0x2724EC7ADC750FB6 },
        { 222, 0, 0xF1AEBD597CEC6B3A, 0x337E09641B948717 },
        { 222, Prime32, 0xAE995BB8AF917A8D, 0x91820016621E97F1 },
        { 403, 0, 0xCDEB804D65C6DEA4, 0x1B6DE21E332DD73D },
        { 403, Prime64, 0x6259F6ECFD6443FD, 0xBED311971E0BE8F2 },
        { 512, 0, 0x617E49599013CB6B, 0x18D2D110DCC9BCA1 },
        { 512, Prime64, 0x3CE457DE14C27708, 0x925D06B8EC5B8040 },
        { 2048, 0, 0xDD59E2C3A5F038E0, 0xF736557FD47073A5 },
        { 2048, Prime32, 0x230D43F30206260B, 0x7FB03F7E7186C3EA },
        { 2240, 0, 0x6E73A90539CF2948, 0xCCB134FBFA7CE49D },
        { 2240, Prime32, 0xED385111126FBA6F, 0x50A1FE17B338995F },
        { 2367, 0, 0xCB37AEB9E5D361ED, 0xE89C0F6FF369B427 },
        { 2367, Prime32, 0x6F5360AE69C2F406, 0xD23AAE4B76C31ECB },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void A_block_hashes_to_the_value_of_xxhash(int length, ulong seed, ulong low, ulong high) =>
        Assert.Equal(new UInt128(high, low), HasherOf(seed).HashBlock(TestBuffer(length)));

    [Fact]
    public void Every_block_of_many_hashes_as_it_does_alone()
    {
        var hasher = HasherOf(Prime64);
        var data = TestBuffer(10 * 4096);
        var hashes = new UInt128[10];
        hasher.HashBlocks(data, 4096, hashes);
        for (var i = 0; i < hashes.Length; i++)
        {
            Assert.Equal(XxHash128.HashToUInt128(data.AsSpan(i * 4096, 4096), unchecked((long)Prime64)), hashes[i]);
        }

        Assert.Equal(hashes.Length, hashes.Distinct().Count());
    }

    [Fact]
    public void Only_the_first_eight_key_bytes_are_the_seed()
    {
        var key = new byte[BlockHasher.KeySize];
        var block = TestBuffer(4096);
        var hash = new Xxh128Hasher(key).HashBlock(block);
        key[8] = 1;
        Assert.Equal(hash, new Xxh128Hasher(key).HashBlock(block));
        key[7] = 1;
        Assert.NotEqual(hash, new Xxh128Hasher(key).HashBlock(block));
    }

    [Fact]
    public void Hashing_takes_nothing_from_the_heap()
    {
        var hasher = HasherOf(1);
        var data = TestBuffer(1 << 20);
        var hashes = new UInt128[data.Length / 4096];
        hasher.HashBlocks(data, 4096, hashes);
        Assert.Equal(0, HeapUse.Least(() => hasher.HashBlocks(data, 4096, hashes)));
    }

    private static Xxh128Hasher HasherOf(ulong seed)
    {
        var key = new byte[BlockHasher.KeySize];
        BinaryPrimitives.WriteUInt64LittleEndian(key, seed);
        return new Xxh128Hasher(key);
    }

    /// <summary>The input of xxHash's self-test: the top bytes of the powers of a prime, times another.</summary>
    private static byte[] TestBuffer(int length)
    {
        var buffer = new byte[length];
        var state = Prime32;
        for (var i = 0; i < length; i++)
        {
            buffer[i] = (byte)(state >> 56);
            state *= Prime64;
        }

        return buffer;
    }
}
