using System.Buffers.Binary;
using System.IO.Hashing;
using Tidemark.Engine;
using Tidemark.Engine.Keys;
using Xunit;

namespace Tidemark.Harness.Keys;

/// <summary>What the tests of this room share: cheap Argon2id, fixed random numbers, and tables with right checksums.</summary>
internal static class TestKeys
{
    /// <summary>The least that libsodium takes, so that tests are about the format and not about waiting.</summary>
    public static readonly Argon2Cost Cheap = new(Argon2Cost.MinMemoryKiB, 1, 1);

    public static readonly Guid ChainId = Guid.Parse("a76be538-9daf-41a5-a76a-9cbb76a3f915");

    public static SeededRandomSource Random(ulong seed = 1) => new(seed);

    public static KeySource Passphrase(string text) => KeySource.FromPassphrase(System.Text.Encoding.UTF8.GetBytes(text));

    public static KeySource KeyFile(byte fill) => KeySource.FromKey(Enumerable.Repeat(fill, 64).ToArray());

    public static KeySlotTable Table(string passphrase = "ebb") => Table(ChainId, passphrase);

    public static KeySlotTable Table(Guid chainId, string passphrase)
    {
        using var source = Passphrase(passphrase);
        var (table, keys) = KeyOperations.CreateTable(chainId, source, Random(), Cheap);
        keys.Dispose();
        return table;
    }

    /// <summary>The same keys under another generation.</summary>
    public static KeySlotTable WithGeneration(this KeySlotTable table, uint generation) =>
        new(table.ChainId, generation, table.Slots);

    public static byte[] Bytes(this KeySlotTable table)
    {
        var bytes = new byte[KeySlotTable.Size];
        table.Write(bytes);
        return bytes;
    }

    public static byte[] FileBytes(this KeySlotTable table)
    {
        var bytes = new byte[KeyTableFile.Size];
        KeyTableFile.Encode(table, bytes);
        return bytes;
    }

    /// <summary>Puts the checksum right after a change, as an adversary would.</summary>
    public static byte[] Resum(byte[] bytes)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, XxHash128.HashToUInt128(bytes.AsSpan(16)));
        return bytes;
    }

    public static TidemarkException Fails(TidemarkError error, Action action)
    {
        var found = Assert.Throws<TidemarkException>(action);
        Assert.Equal(error, found.Error);
        return found;
    }
}
