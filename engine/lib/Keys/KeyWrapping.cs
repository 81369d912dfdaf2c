using System.Diagnostics;
using System.Security.Cryptography;
using NSec.Cryptography;

namespace Tidemark.Engine.Keys;

/// <summary>
/// How a slot holds the data key. The wrapping key is Argon2id(passphrase, the slot's salt and cost) or, for a key file,
/// HKDF-SHA256(ikm = its bytes, salt = the slot's salt, info = "tidemark key file v1"), 32 bytes either way; it encrypts
/// the data key with AES-256-GCM, with chain id 16 | the slot's first 32 bytes as associated data.
/// </summary>
internal static class KeyWrapping
{
    private const int AssociatedSize = 16 + KeySlot.FixedFieldsSize;

    private static ReadOnlySpan<byte> KeyFileInfo => "tidemark key file v1"u8;

    /// <summary>Makes a slot that <paramref name="source"/> opens.</summary>
    /// <param name="cost">
    /// Taken for passphrases only; where the system doesn't give the memory of <see cref="Argon2Cost.Recommended"/>,
    /// <see cref="Argon2Cost.Small"/> takes its place, since a backup that isn't made protects nothing.
    /// </param>
    public static KeySlot Wrap(
        Guid chainId, ushort id, KeySource source, Argon2Cost cost, SecretBytes dataKey, RandomSource random)
    {
        Debug.Assert(dataKey.Length == ChainKeys.KeySize);
        CheckPlatform();
        Span<byte> salt = stackalloc byte[KeySlot.SaltSize];
        Span<byte> nonce = stackalloc byte[KeySlot.NonceSize];
        random.Fill(salt);
        random.Fill(nonce);
        try
        {
            return Wrap(chainId, id, source, cost, dataKey, salt, nonce);
        }
        catch (TidemarkException e) when (e.InnerException is CryptographicException && cost == Argon2Cost.Recommended)
        {
            // Nothing was encrypted, so salt and nonce are still unused.
            return Wrap(chainId, id, source, Argon2Cost.Small, dataKey, salt, nonce);
        }
    }

    /// <summary>The data key, or null if <paramref name="source"/> doesn't open this slot.</summary>
    public static SecretBytes? TryUnwrap(Guid chainId, KeySlot slot, KeySource source)
    {
        if (slot.Kind != source.Kind)
        {
            return null;
        }

        CheckPlatform();
        Span<byte> associated = stackalloc byte[AssociatedSize];
        WriteAssociated(associated, chainId, slot);
        var dataKey = new SecretBytes(ChainKeys.KeySize);
        try
        {
            using var key = DeriveWrappingKey(slot, source);
            using var aes = new AesGcm(key.Span, KeySlot.TagSize);
            aes.Decrypt(slot.Nonce, slot.WrappedKey, slot.Tag, dataKey.Span, associated);
            return dataKey;
        }
        catch (AuthenticationTagMismatchException)
        {
            dataKey.Dispose();
            return null;
        }
    }

    private static KeySlot Wrap(
        Guid chainId, ushort id, KeySource source, Argon2Cost cost, SecretBytes dataKey, ReadOnlySpan<byte> salt, ReadOnlySpan<byte> nonce) =>
        KeySlot.Create(
            source.Kind,
            id,
            source.Kind == KeySlotKind.Passphrase ? cost : default,
            salt,
            nonce,
            (slot, wrapped, tag) =>
            {
                Span<byte> associated = stackalloc byte[AssociatedSize];
                WriteAssociated(associated, chainId, slot);
                using var key = DeriveWrappingKey(slot, source);
                using var aes = new AesGcm(key.Span, KeySlot.TagSize);
                aes.Encrypt(slot.Nonce, dataKey.Span, wrapped, tag, associated);
            });

    private static void WriteAssociated(Span<byte> associated, Guid chainId, KeySlot slot)
    {
        chainId.TryWriteBytes(associated, bigEndian: true, out _);
        slot.FixedFields.CopyTo(associated[16..]);
    }

    private static SecretBytes DeriveWrappingKey(KeySlot slot, KeySource source)
    {
        var key = new SecretBytes(ChainKeys.KeySize);
        try
        {
            if (slot.Kind == KeySlotKind.KeyFile)
            {
                HKDF.DeriveKey(HashAlgorithmName.SHA256, source.Secret, key.Span, slot.Salt, KeyFileInfo);
            }
            else
            {
                Stretch(slot, source, key.Span);
            }

            return key;
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    private static void Stretch(KeySlot slot, KeySource source, Span<byte> key)
    {
        Debug.Assert(slot.Kind == KeySlotKind.Passphrase);
        var cost = slot.Cost;
        Debug.Assert(cost.IsWithinBounds, "A slot is bounded when it is read and when it is made.");
        try
        {
            PasswordBasedKeyDerivationAlgorithm
                .Argon2id(new Argon2Parameters
                {
                    DegreeOfParallelism = (int)cost.Parallelism,
                    MemorySize = cost.MemoryKiB,
                    NumberOfPasses = cost.Passes,
                })
                .DeriveBytes(source.Secret, slot.Salt, key);
        }
        catch (CryptographicException error)
        {
            throw TidemarkException.Failed(
                $"Checking a passphrase of this chain takes {cost.MemoryKiB / 1024} MiB of memory, and the system didn't give it. "
                + "Free some and try again.",
                error);
        }
        catch (Exception error) when (error is PlatformNotSupportedException or TypeInitializationException or DllNotFoundException)
        {
            throw TidemarkException.Failed(
                "A passphrase can't be checked, since libsodium can't be loaded. Put the libsodium that comes with Tidemark beside "
                + "the program; a key file works without it.",
                error);
        }
    }

    /// <summary>.NET ends the program when OpenSSL is missing and used, so it is asked for first.</summary>
    private static void CheckPlatform()
    {
        if (!AesGcm.IsSupported)
        {
            throw TidemarkException.Failed(
                "This chain is encrypted, and AES-GCM isn't there: on Linux it comes with OpenSSL. Install libssl (version 3).");
        }
    }
}
