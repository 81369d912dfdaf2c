using System.Diagnostics;
using System.Security.Cryptography;

namespace Tidemark.Engine.Keys;

/// <summary>
/// The opened keys of a chain: everything that follows from its data key. Immutable and safe from any thread until it is
/// disposed, which zeroes the data key. Derivation is HKDF-SHA256 (RFC 5869) to 32 bytes.
/// </summary>
internal sealed class ChainKeys : IDisposable
{
    /// <summary>Bytes of the data key and of every key made from it: AES-256.</summary>
    public const int KeySize = 32;

    private readonly SecretBytes dataKey;

    /// <summary>Takes <paramref name="dataKey"/> over.</summary>
    public ChainKeys(Guid chainId, SecretBytes dataKey)
    {
        Debug.Assert(dataKey.Length == KeySize);
        ChainId = chainId;
        this.dataKey = dataKey;
    }

    public Guid ChainId { get; }

    /// <summary>What slots wrap.</summary>
    internal SecretBytes DataKey => dataKey;

    private static ReadOnlySpan<byte> ImageInfo => "tidemark image v1"u8;

    private static ReadOnlySpan<byte> IdentityInfo => "tidemark identity v1"u8;

    /// <summary>Makes a chain's data key.</summary>
    public static ChainKeys Generate(Guid chainId, RandomSource random)
    {
        var key = new SecretBytes(KeySize);
        random.Fill(key.Span);
        return new ChainKeys(chainId, key);
    }

    /// <summary>
    /// Writes the key of the identity hash: ikm = data key, salt = chain id, info = "tidemark identity v1". It depends on
    /// the data key alone, so hashes stay comparable through changes of passphrase.
    /// </summary>
    public void DeriveIdentityKey(Span<byte> key) => Derive(ChainId, IdentityInfo, key);

    /// <summary>
    /// Makes the cipher of one image: ikm = data key, salt = image id, info = "tidemark image v1". An image id names one
    /// attempt to write an image: a run that was interrupted and begins anew takes a new one, since the nonces are the same.
    /// </summary>
    public ImageCipher CreateCipher(Guid imageId)
    {
        using var key = new SecretBytes(KeySize);
        Derive(imageId, ImageInfo, key.Span);
        return new ImageCipher(key.Span, ChainId, imageId);
    }

    public void Dispose() => dataKey.Dispose();

    private void Derive(Guid salt, ReadOnlySpan<byte> info, Span<byte> key)
    {
        Debug.Assert(key.Length == KeySize);
        Span<byte> saltBytes = stackalloc byte[16];
        salt.TryWriteBytes(saltBytes, bigEndian: true, out _);
        HKDF.DeriveKey(HashAlgorithmName.SHA256, dataKey.Span, key, saltBytes, info);
    }
}
