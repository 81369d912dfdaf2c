using System.Security.Cryptography;
using NSec.Cryptography;
using Tidemark.Engine;
using Tidemark.Engine.Keys;
using Xunit;

namespace Tidemark.Harness.Keys;

/// <summary>
/// Bytes that may never change. They were computed by a Python program with the "cryptography" package (Argon2id, HKDF and
/// AES-GCM of OpenSSL) and xxhsum, from the format's description and not with this code.
/// </summary>
public class KeyGoldenTests
{
    private const ulong Seed = 20260101;
    private const string DataKey = "4cc98b8b5dff6c58aeb402b9e60d548d889bd170da7e7afa8da44685f2e35ffb";
    private const string IdentityKey = "80a2e3cc07c1110fdc798ce2346ec5266feeb8f0499f4d50f3934d4e89ae0cd3";
    private const string ImageKey = "c1ce0ef97a9c097534d5552e50ff85590ce1f0a782febc4d07cdc03a98a0325f";

    private const string TableHead =
        "6b9b9cd1b976686fbe8b87db9ca21941a76be5389daf41a5a76a9cbb76a3f915020000000100020000000000000000000000000000000000"
        + "0000000000000000";

    private const string PassphraseSlot =
        "0100010040000000020000000100000049ffb8dd73f877b384895e4bc9e0f1a9a3b08644afd19612079a12de19976432b2172ef791dac568"
        + "4a9ebfbec338d67a91bf133b84dd6f8004266506958c87a109c059d57e56b0944d1594aa";

    private const string KeyFileSlot =
        "0200020000000000000000000000000096f16c6ff13f9f2149847602eea3f2249d2f5fd01e6eb02c38a865a98d188872d51436efe76e3bb7"
        + "0ca24bedf261721a1e0156f2c416694ddc8bf4bb8b3b9a679720cf6cec09e9bd086cdb3d";

    private const string FileHead = "bcb5221deb3ac9b5a4f21e1d1122624954494445" + "4b455953" + "0100" + "000000000000";

    private static readonly Guid ChainId = Guid.Parse("a76be538-9daf-41a5-a76a-9cbb76a3f915");
    private static readonly Guid ImageId = Guid.Parse("5876f4de-b0f5-41fd-bd5b-ac9d62958e39");
    private static readonly byte[] Passphrase = "Gezeitenüber Sand"u8.ToArray();
    private static readonly byte[] Key = [.. Enumerable.Range(0, 48).Select(value => (byte)value)];

    [Fact]
    public void The_table_has_the_bytes_of_its_description()
    {
        var (table, keys) = Make();
        using (keys)
        {
            Assert.Equal(Golden(), table.Bytes());
            Assert.Equal(FileHead + Convert.ToHexStringLower(Golden()), Convert.ToHexStringLower(table.FileBytes()));
            Assert.Equal(DataKey, Convert.ToHexStringLower(keys.DataKey.Span));
        }
    }

    [Fact]
    public void A_table_made_by_another_program_opens_by_passphrase_and_by_key_file()
    {
        var table = KeySlotTable.Read(Golden(), "golden");
        using var passphrase = KeySource.FromPassphrase(Passphrase);
        using var key = KeySource.FromKey(Key);
        foreach (var source in new[] { passphrase, key })
        {
            using var keys = KeyOperations.Unlock(table, source, "golden");
            Assert.Equal(DataKey, Convert.ToHexStringLower(keys.DataKey.Span));
        }
    }

    [Fact]
    public void Keys_of_images_and_of_the_identity_hash_are_those_of_another_program()
    {
        var (_, keys) = Make();
        using (keys)
        {
            var identity = new byte[32];
            keys.DeriveIdentityKey(identity);
            Assert.Equal(IdentityKey, Convert.ToHexStringLower(identity));

            using var cipher = keys.CreateCipher(ImageId);
            var plain = "the tide leaves a mark"u8;
            var target = new byte[plain.Length + ImageCipher.TagSize];
            cipher.Seal(CipherSection.Frame, 0x0123456789abcdef, "extra"u8, plain, target);
            Assert.Equal(
                "16e70402d816e9729c0e4619a31385c4ef8cfde78a40806a404820e215f7ce73e806b8b45149", Convert.ToHexStringLower(target));
        }
    }

    [Fact]
    public void Libsodium_unwraps_the_data_key_and_opens_a_sealed_frame()
    {
        Assert.SkipUnless(NSec.Cryptography.Aes256Gcm.IsSupported, "libsodium has AES-256-GCM only on processors with AES instructions");
        var (table, keys) = Make();
        using (keys)
        {
            var slot = table.Slots[1];
            byte[] associated = [.. ChainId.ToByteArray(bigEndian: true), .. slot.FixedFields];
            var wrapping = KeyDerivationAlgorithm.HkdfSha256.DeriveBytes(Key, slot.Salt, "tidemark key file v1"u8, 32);
            var unwrapped = OpenWithLibsodium(wrapping, slot.Nonce, associated, [.. slot.WrappedKey, .. slot.Tag]);
            Assert.Equal(DataKey, Convert.ToHexStringLower(unwrapped));

            var imageKey = KeyDerivationAlgorithm.HkdfSha256.DeriveBytes(
                unwrapped, ImageId.ToByteArray(bigEndian: true), "tidemark image v1"u8, 32);
            Assert.Equal(ImageKey, Convert.ToHexStringLower(imageKey));

            using var cipher = keys.CreateCipher(ImageId);
            var plain = RandomNumberGenerator.GetBytes(10_000);
            var target = new byte[plain.Length + ImageCipher.TagSize];
            cipher.Seal(CipherSection.IndexPage, 7, [1, 2, 3], plain, target);
            byte[] nonce = [2, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0];
            byte[] frameAssociated =
                [.. ChainId.ToByteArray(bigEndian: true), .. ImageId.ToByteArray(bigEndian: true), .. nonce, 1, 2, 3];
            Assert.Equal(plain, OpenWithLibsodium(imageKey, nonce, frameAssociated, target));
        }
    }

    [Fact]
    public void New_slots_take_64_MiB_and_3_passes_or_32_MiB_and_4_where_memory_is_short()
    {
        Assert.Equal(new Argon2Cost(64 * 1024, 3, 1), Argon2Cost.Recommended);
        Assert.Equal(new Argon2Cost(32 * 1024, 4, 1), Argon2Cost.Small);
        Assert.Equal("6c6c576e6f30f7d45c2aa520d05a2bc6670b161f0e209b4ba03503974a83dd8c", Stretched(Argon2Cost.Recommended));
        Assert.Equal("146abd5556a8de0e172400f1070b1c56b39e6dc75765f6c16e60aea9f457dbd0", Stretched(Argon2Cost.Small));
    }

    private static string Stretched(Argon2Cost cost) => Convert.ToHexStringLower(PasswordBasedKeyDerivationAlgorithm
        .Argon2id(new Argon2Parameters
        {
            DegreeOfParallelism = (int)cost.Parallelism,
            MemorySize = cost.MemoryKiB,
            NumberOfPasses = cost.Passes,
        })
        .DeriveBytes("tide"u8, "0123456789abcdef"u8, 32));

    private static (KeySlotTable Table, ChainKeys Keys) Make()
    {
        var random = new SeededRandomSource(Seed);
        Assert.Equal(ChainId, random.NewGuid());
        Assert.Equal(ImageId, random.NewGuid());
        using var passphrase = KeySource.FromPassphrase(Passphrase);
        using var key = KeySource.FromKey(Key);
        var cost = new Argon2Cost(64, 2, 1);
        var (table, keys) = KeyOperations.CreateTable(ChainId, passphrase, random, cost);
        return (KeyOperations.AddKey(table, passphrase, key, "golden", random, cost), keys);
    }

    private static byte[] Golden()
    {
        var bytes = new byte[KeySlotTable.Size];
        Convert.FromHexString(TableHead).CopyTo(bytes, 0);
        Convert.FromHexString(PassphraseSlot).CopyTo(bytes, 64);
        Convert.FromHexString(KeyFileSlot).CopyTo(bytes, 64 + 128);
        return bytes;
    }

    private static byte[] OpenWithLibsodium(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> associated, ReadOnlySpan<byte> source)
    {
        var algorithm = NSec.Cryptography.AeadAlgorithm.Aes256Gcm;
        using var imported = NSec.Cryptography.Key.Import(algorithm, key, KeyBlobFormat.RawSymmetricKey);
        return algorithm.Decrypt(imported, nonce, associated, source) ?? throw new CryptographicException("The tag is wrong.");
    }
}
