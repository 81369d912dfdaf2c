using System.Buffers.Binary;
using Tidemark.Engine.Format;
using Tidemark.Engine.Volumes;
using Xunit;

namespace Tidemark.Harness.Volumes;

/// <summary>
/// Real volumes and disks with bytes changed at random where the parsers look: nothing may throw, whatever they say.
/// TIDEMARK_SEED replays a run.
/// </summary>
public class HostileVolumeTests
{
    private const int MiB = 1 << 20;
    private const int Rounds = 400;

    public static TheoryData<string, int, string[]> Makers => new()
    {
        { "ext4", 4, ["mkfs.ext4", "-q", "-F", "-L", "label"] },
        { "btrfs", 128, ["mkfs.btrfs", "-q", "-f", "-L", "label"] },
        { "ntfs", 8, ["mkntfs", "-Q", "-F", "-q", "-L", "label"] },
        { "fat16", 16, ["mkfs.fat", "-F", "16", "-n", "LABEL"] },
        { "fat32", 40, ["mkfs.fat", "-F", "32", "-n", "LABEL"] },
        { "exfat", 8, ["mkfs.exfat", "-L", "label"] },
        { "swap", 8, ["mkswap", "-q", "-L", "label"] },
        { "gpt", 4, ["sgdisk", "-n", "1:34:+1M", "-c", "1:label"] },
    };

    [Theory]
    [MemberData(nameof(Makers))]
    public void A_mutated_volume_never_throws(string type, int size, string[] maker)
    {
        using var disk = new TempDisk((long)size * MiB);
        Tool.Run(maker[0], [.. maker[1..], disk.Image]);
        var seed = Seed();
        TestContext.Current.TestOutputHelper?.WriteLine($"{type}: TIDEMARK_SEED={seed}");
        var random = new Random(seed);
        var original = Head(disk.Image);
        var bytes = (byte[])original.Clone();
        var recognised = 0;
        for (var round = 0; round < Rounds; round++)
        {
            Mutate(bytes, random);
            using var device = new ArrayDevice(bytes, random.Next(2) == 0 ? 512 : 4096);
            var description = SourceProbe.Probe(device);
            Assert.NotEmpty(description.Summary);
            recognised += description.Table is null && description.Content is null ? 0 : 1;
            Assert.True((description.Label?.Length ?? 0) <= 256, "a label's length is bounded");
            Assert.Equal(description.Identity, Roundtrip(description.Identity));
            foreach (var partition in description.Table?.Partitions ?? [])
            {
                Assert.True(partition.Offset > 0 && partition.Length > 0, $"partition {partition}");
            }

            if (round % 8 == 7)
            {
                original.CopyTo(bytes, 0);
            }
        }

        // Mutations that always destroyed the signature would prove nothing.
        Assert.True(recognised > Rounds / 10, $"only {recognised} of {Rounds} mutated volumes were recognised at all");
    }

    [Fact]
    public void Random_bytes_of_any_length_never_throw()
    {
        var seed = Seed();
        TestContext.Current.TestOutputHelper?.WriteLine($"TIDEMARK_SEED={seed}");
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var bytes = new byte[random.Next(0, 80_000)];
            random.NextBytes(bytes);
            if (bytes.Length >= 512)
            {
                bytes[510] = 0x55;
                bytes[511] = 0xAA;
            }

            using var device = new ArrayDevice(bytes);
            Assert.NotEmpty(SourceProbe.Probe(device).Summary);
            ParseAll(bytes);
        }
    }

    [Fact]
    public void A_gpt_that_claims_a_huge_table_takes_no_memory()
    {
        var sector = new byte[512];
        "EFI PART"u8.CopyTo(sector);
        sector[12] = 92;
        sector[24] = 1;
        sector[72] = 2;
        BinaryPrimitives.WriteUInt32LittleEndian(sector.AsSpan(80), 8193);
        BinaryPrimitives.WriteUInt32LittleEndian(sector.AsSpan(84), 128);
        Sign(sector);
        Assert.Null(GptHeader.TryRead(sector));
        BinaryPrimitives.WriteUInt32LittleEndian(sector.AsSpan(80), 8192);
        Sign(sector);
        Assert.NotNull(GptHeader.TryRead(sector));

        static void Sign(byte[] sector)
        {
            sector.AsSpan(16, 4).Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(sector.AsSpan(16), System.IO.Hashing.Crc32.HashToUInt32(sector.AsSpan(0, 92)));
        }
    }

    /// <summary>Every parser of a span, as a fuzzer would call it.</summary>
    internal static void ParseAll(ReadOnlySpan<byte> bytes)
    {
        GptHeader.TryRead(bytes);
        GptEntry.TryRead(bytes);
        MbrSector.TryRead(bytes);
        ExtSuperblock.TryRead(bytes);
        XfsSuperblock.TryRead(bytes);
        BtrfsSuperblock.TryRead(bytes);
        NtfsBootSector.TryRead(bytes);
        FatBootSector.TryRead(bytes);
        FatRootFolder.TryRead(bytes);
        ExfatBootSector.TryRead(bytes);
        ExfatRootFolder.TryRead(bytes);
        SwapHeader.TryRead(bytes);
        LuksHeader.TryRead(bytes);
        LvmLabel.TryRead(bytes);
        NtfsVolumeRecord.TryRead(bytes.ToArray());
    }

    /// <summary>The front of an image, where everything is that gets read; the rest would only take memory.</summary>
    private static byte[] Head(string path)
    {
        using var file = File.OpenRead(path);
        var bytes = new byte[Math.Min(file.Length, 8 * MiB)];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static void Mutate(byte[] bytes, Random random)
    {
        int[] places = [0, 64, 446, 512, 1024, 1024, 4096, 65536];
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var at = Math.Min(places[random.Next(places.Length)] + random.Next(192), bytes.Length - 8);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes.AsSpan(at, random.Next(1, 9)).Fill(random.Next(2) == 0 ? (byte)0 : (byte)0xFF);
                    break;
                default:
                    random.NextBytes(bytes.AsSpan(at, random.Next(1, 9)));
                    break;
            }
        }
    }

    private static SourceIdentity Roundtrip(SourceIdentity identity)
    {
        var area = new byte[SourceIdentityCodec.AreaSize];
        identity.Write(area);
        return SourceIdentity.Read(area);
    }

    private static int Seed() =>
        int.TryParse(Environment.GetEnvironmentVariable("TIDEMARK_SEED"), out var seed) ? seed : Random.Shared.Next();
}
