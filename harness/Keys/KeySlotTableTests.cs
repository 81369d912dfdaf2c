using System.Buffers.Binary;
using System.Globalization;
using Tidemark.Engine;
using Tidemark.Engine.Keys;
using Xunit;

namespace Tidemark.Harness.Keys;

public class KeySlotTableTests
{
    private const int FirstSlot = 64;

    [Fact]
    public void A_table_reads_back_as_it_was_written()
    {
        using var ebb = TestKeys.Passphrase("ebb");
        using var key = TestKeys.KeyFile(9);
        var table = KeyOperations.AddKey(TestKeys.Table(), ebb, key, "chain", TestKeys.Random(2), TestKeys.Cheap);
        var read = KeySlotTable.Read(table.Bytes(), "test");
        Assert.Equal(table.Bytes(), read.Bytes());
        Assert.Equal(TestKeys.ChainId, read.ChainId);
        Assert.Equal(2u, read.Generation);
        Assert.Equal([KeySlotKind.Passphrase, KeySlotKind.KeyFile], read.Slots.ToArray().Select(slot => slot.Kind));
        Assert.Equal([1, 2], read.Slots.ToArray().Select(slot => (int)slot.Id));
        Assert.Equal(TestKeys.Cheap, read.Slots[0].Cost);
    }

    [Fact]
    public void Every_flipped_bit_of_a_table_is_detected()
    {
        var bytes = TestKeys.Table().Bytes();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            TestKeys.Fails(TidemarkError.Damaged, () => KeySlotTable.Read(bytes, "test"));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        KeySlotTable.Read(bytes, "test");
    }

    /// <summary>The checksum keeps out accidents; what an adversary writes with a right checksum must not open either.</summary>
    [Fact]
    public void Every_changed_byte_with_a_right_checksum_is_refused_or_doesnt_open()
    {
        using var source = TestKeys.Passphrase("ebb");
        var good = TestKeys.Table().Bytes();
        for (var i = 16; i < good.Length; i++)
        {
            // The generation alone isn't authenticated: it says which table counts, and no more.
            if (i is >= 32 and < 36)
            {
                continue;
            }

            var bytes = (byte[])good.Clone();
            bytes[i] ^= 0x04;
            TestKeys.Resum(bytes);
            var error = Assert.Throws<TidemarkException>(
                () => KeyOperations.Unlock(KeySlotTable.Read(bytes, "test"), source, "chain").Dispose());
            Assert.True(error.Error is TidemarkError.Damaged or TidemarkError.Key, $"byte {i}: {error.Message}");
        }
    }

    [Theory]
    [InlineData("memory above 1 GiB", 4, 2u * 1024 * 1024)]
    [InlineData("memory of 4 TiB", 4, uint.MaxValue)]
    [InlineData("memory below 8 KiB", 4, 7u)]
    [InlineData("no memory", 4, 0u)]
    [InlineData("too many passes", 8, 65u)]
    [InlineData("no pass", 8, 0u)]
    [InlineData("two lanes", 12, 2u)]
    [InlineData("no lane", 12, 0u)]
    public void Argon2_parameters_out_of_bounds_are_refused_before_memory_is_taken(string what, int field, uint value)
    {
        Assert.NotEmpty(what);
        Assert.SkipUnless(OperatingSystem.IsLinux(), "peak memory is read from /proc");
        using var source = TestKeys.Passphrase("ebb");
        var bytes = TestKeys.Table().Bytes();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(FirstSlot + field), value);
        TestKeys.Resum(bytes);
        var before = PeakKiB();
        var error = TestKeys.Fails(
            TidemarkError.Damaged, () => KeyOperations.Unlock(KeySlotTable.Read(bytes, "test"), source, "chain").Dispose());
        Assert.Contains("out of bounds", error.Message, StringComparison.Ordinal);
        Assert.InRange(PeakKiB() - before, 0, 512 * 1024);
    }

    [Theory]
    [InlineData("generation 0", 32, 0u)]
    [InlineData("generation above six digits", 32, 1_000_000u)]
    [InlineData("version 2, one slot", 36, 0x0001_0002u)]
    [InlineData("no slots", 36, 0x0000_0001u)]
    [InlineData("nine slots", 36, 0x0009_0001u)]
    [InlineData("65535 slots", 36, 0xFFFF_0001u)]
    [InlineData("two slots where the second is empty", 36, 0x0002_0001u)]
    [InlineData("a reserved byte of the table", 40, 1u)]
    [InlineData("the last reserved byte of the table", 60, 0x0100_0000u)]
    [InlineData("an unknown kind", FirstSlot, 0x0001_0003u)]
    [InlineData("an empty kind in use", FirstSlot, 0x0001_0000u)]
    [InlineData("unknown flags", FirstSlot, 0x0001_0101u)]
    [InlineData("id 0", FirstSlot, 0x0000_0001u)]
    [InlineData("a key file with an Argon2 cost", FirstSlot, 0x0001_0002u)]
    [InlineData("a reserved byte of the slot", FirstSlot + 92, 1u)]
    [InlineData("a byte behind the slots in use", FirstSlot + 128, 1u)]
    [InlineData("the last byte of all", FirstSlot + 1020, 0x8000_0000u)]
    public void A_malformed_table_with_a_right_checksum_is_refused(string what, int offset, uint value)
    {
        Assert.NotEmpty(what);
        var bytes = TestKeys.Table().Bytes();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), value);
        TestKeys.Resum(bytes);
        TestKeys.Fails(TidemarkError.Damaged, () => KeySlotTable.Read(bytes, "test"));
    }

    [Fact]
    public void Two_slots_of_one_id_are_refused()
    {
        var bytes = TestKeys.Table().Bytes();
        bytes.AsSpan(FirstSlot, KeySlot.Size).CopyTo(bytes.AsSpan(FirstSlot + KeySlot.Size));
        bytes[38] = 2;
        TestKeys.Fails(TidemarkError.Damaged, () => KeySlotTable.Read(TestKeys.Resum(bytes), "test"));
    }

    private static long PeakKiB() => long.Parse(
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))[6..^2],
        CultureInfo.InvariantCulture);
}
