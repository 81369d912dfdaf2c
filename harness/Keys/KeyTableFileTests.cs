using Tidemark.Engine;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Stores;
using Xunit;

namespace Tidemark.Harness.Keys;

public class KeyTableFileTests
{
    [Fact]
    public void A_written_file_is_renamed_into_place_flushed_and_reads_back()
    {
        var folder = new MemoryFolder();
        var table = TestKeys.Table().WithGeneration(12);
        Assert.Equal("keys-000012.tdk", KeyTableFile.Write(folder, table));
        Assert.Equal(["keys-000012.tdk"], folder.Files.Keys);
        Assert.True(folder.IsFlushed);
        Assert.Equal(table.Bytes(), KeyTableFile.Read(folder, "keys-000012.tdk").Bytes());
    }

    [Fact]
    public void A_file_on_a_real_disk_reads_back_and_has_exactly_its_bytes()
    {
        var path = Directory.CreateTempSubdirectory("tidemark-keys-").FullName;
        try
        {
            var folder = LocalStoreFolder.Open(path);
            var name = KeyTableFile.Write(folder, TestKeys.Table());
            Assert.Equal(TestKeys.Table().FileBytes(), File.ReadAllBytes(Path.Combine(path, name)));
            Assert.Single(Directory.GetFileSystemEntries(path));
            var selection = KeyTableSelection.Select(folder, TestKeys.ChainId, []);
            Assert.Equal(name, selection.FileName);
            Assert.Equal(TestKeys.Table().Bytes(), selection.Table.Bytes());
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    [Fact]
    public void Every_flipped_bit_of_a_file_is_detected()
    {
        var bytes = TestKeys.Table().FileBytes();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            TestKeys.Fails(TidemarkError.Damaged, () => KeyTableFile.Decode(bytes, "test"));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        KeyTableFile.Decode(bytes, "test");
    }

    [Fact]
    public void Every_changed_byte_of_the_head_with_a_right_checksum_is_detected()
    {
        for (var i = 16; i < 32; i++)
        {
            var bytes = TestKeys.Table().FileBytes();
            bytes[i] ^= 1;
            TestKeys.Fails(TidemarkError.Damaged, () => KeyTableFile.Decode(TestKeys.Resum(bytes), "test"));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(KeyTableFile.Size - 1)]
    [InlineData(KeyTableFile.Size + 1)]
    public void A_file_of_another_length_is_damaged(int length)
    {
        var folder = new MemoryFolder();
        var bytes = TestKeys.Table().FileBytes();
        Array.Resize(ref bytes, length);
        folder.Files["keys-000001.tdk"] = bytes;
        TestKeys.Fails(TidemarkError.Damaged, () => KeyTableFile.Read(folder, "keys-000001.tdk"));
    }

    [Fact]
    public void A_file_under_the_name_of_another_generation_is_damaged()
    {
        var folder = new MemoryFolder();
        folder.Files["keys-000009.tdk"] = TestKeys.Table().FileBytes();
        TestKeys.Fails(TidemarkError.Damaged, () => KeyTableFile.Read(folder, "keys-000009.tdk"));
    }

    [Fact]
    public void A_committed_file_is_never_replaced()
    {
        var folder = new MemoryFolder();
        KeyTableFile.Write(folder, TestKeys.Table("ebb"));
        TestKeys.Fails(TidemarkError.Failed, () => KeyTableFile.Write(folder, TestKeys.Table("flood")));
        Assert.Equal(["keys-000001.tdk"], folder.Files.Keys);
        Assert.Equal(TestKeys.Table("ebb").FileBytes(), folder.Files["keys-000001.tdk"]);
    }

    [Fact]
    public void A_file_that_reads_back_differently_never_gets_its_name()
    {
        Func<byte[], byte[]>[] faults =
        [
            bytes => bytes[..^1],
            bytes => [.. bytes, 0],
            bytes => [.. bytes[..^1], 1],
            _ => [],
        ];
        foreach (var fault in faults)
        {
            var folder = new MemoryFolder { Spoil = fault };
            TestKeys.Fails(TidemarkError.Failed, () => KeyTableFile.Write(folder, TestKeys.Table()));
            Assert.Empty(folder.Files);
        }
    }

    [Theory]
    [InlineData("keys-000001.tdk", 1u)]
    [InlineData("keys-999999.tdk", 999_999u)]
    [InlineData("keys-000000.tdk", 0u)]
    [InlineData("keys-00001.tdk", 0u)]
    [InlineData("keys-0000001.tdk", 0u)]
    [InlineData("keys-+00001.tdk", 0u)]
    [InlineData("keys- 00001.tdk", 0u)]
    [InlineData("keys-00000a.tdk", 0u)]
    [InlineData("keys-000001.tdk.tmp", 0u)]
    [InlineData("Keys-000001.tdk", 0u)]
    [InlineData("keys-000001.TDK", 0u)]
    [InlineData("", 0u)]
    public void Only_the_exact_form_of_a_name_is_taken(string name, uint generation)
    {
        Assert.Equal(generation != 0, KeyTableFile.TryParseName(name, out var parsed));
        if (generation != 0)
        {
            Assert.Equal(generation, parsed);
            Assert.Equal(name, KeyTableFile.NameOf(generation));
        }
    }
}
