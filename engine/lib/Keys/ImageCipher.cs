using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Tidemark.Engine.Keys;

/// <summary>
/// Seals and opens the pieces of one image with AES-256-GCM (NIST SP 800-38D). The nonce is section u32 LE | ordinal u64 LE,
/// unique because an image has a key of its own and each piece is written once; the associated data is chain id 16 |
/// image id 16 | section u32 LE | ordinal u64 LE | extra. The tag follows the ciphertext. Allocates nothing per call.
/// </summary>
/// <remarks>
/// For one thread at a time: .NET on Linux keeps one OpenSSL context in an AesGcm and sets the nonce on it, so two calls at
/// once would mix their nonces. Each worker takes a <see cref="Clone"/>.
/// </remarks>
internal sealed class ImageCipher : IDisposable
{
    /// <summary>Bytes that sealing adds.</summary>
    public const int TagSize = 16;

    /// <summary>8 KiB: headers fit, and the associated data fits on the stack of any worker.</summary>
    public const int MaxExtraSize = 8 * 1024;

    private const int NonceSize = 12;
    private const int ExtraOffset = 16 + 16 + NonceSize;

    private readonly SecretBytes key;
    private readonly AesGcm aes;
    private int busy;

    public ImageCipher(ReadOnlySpan<byte> key, Guid chainId, Guid imageId)
    {
        Debug.Assert(key.Length == ChainKeys.KeySize);
        ChainId = chainId;
        ImageId = imageId;
        this.key = new SecretBytes(key);
        aes = new AesGcm(key, TagSize);
    }

    public Guid ChainId { get; }

    public Guid ImageId { get; }

    /// <summary>The same cipher for another thread.</summary>
    public ImageCipher Clone() => new(key.Span, ChainId, ImageId);

    /// <summary>
    /// Encrypts. A section and ordinal are sealed once in an image's life, whatever the content; twice gives the keystream away.
    /// </summary>
    /// <param name="extra">Authenticated and not encrypted, such as a frame's header; at most <see cref="MaxExtraSize"/>.</param>
    /// <param name="target">
    /// Takes ciphertext and tag: <see cref="TagSize"/> longer than <paramref name="plain"/>, which may be its beginning.
    /// </param>
    [SkipLocalsInit]
    public void Seal(
        CipherSection section, ulong ordinal, ReadOnlySpan<byte> extra, ReadOnlySpan<byte> plain, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Length, plain.Length + TagSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(extra.Length, MaxExtraSize);
        Span<byte> associated = stackalloc byte[ExtraOffset + extra.Length];
        WriteAssociated(associated, section, ordinal, extra);
        Enter();
        aes.Encrypt(NonceOf(associated), plain, target[..plain.Length], target[plain.Length..], associated);
        Leave();
    }

    /// <summary>Decrypts what <see cref="Seal"/> made.</summary>
    /// <param name="plain">
    /// <see cref="TagSize"/> shorter than <paramref name="source"/>; it may be its beginning, and is zeroed if the tag is wrong.
    /// </param>
    /// <exception cref="TidemarkException">It doesn't authenticate: <see cref="TidemarkError.Damaged"/>.</exception>
    public void Open(
        CipherSection section, ulong ordinal, ReadOnlySpan<byte> extra, ReadOnlySpan<byte> source, Span<byte> plain)
    {
        if (!TryOpen(section, ordinal, extra, source, plain))
        {
            throw TidemarkException.Damaged(
                $"{Describe(section)} {ordinal} of image {ImageId} doesn't authenticate: it was altered or is damaged. "
                + "Run verify to see what is affected, and restore from another copy of the chain.");
        }
    }

    /// <summary><see cref="Open"/> for those who count damage: false if it doesn't authenticate or is too short.</summary>
    [SkipLocalsInit]
    public bool TryOpen(
        CipherSection section, ulong ordinal, ReadOnlySpan<byte> extra, ReadOnlySpan<byte> source, Span<byte> plain)
    {
        if (source.Length < TagSize)
        {
            return false;
        }

        ArgumentOutOfRangeException.ThrowIfNotEqual(plain.Length, source.Length - TagSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(extra.Length, MaxExtraSize);
        Span<byte> associated = stackalloc byte[ExtraOffset + extra.Length];
        WriteAssociated(associated, section, ordinal, extra);
        Enter();
        try
        {
            aes.Decrypt(NonceOf(associated), source[..plain.Length], source[plain.Length..], plain, associated);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
        finally
        {
            Leave();
        }
    }

    public void Dispose()
    {
        aes.Dispose();
        key.Dispose();
    }

    private static string Describe(CipherSection section) => section switch
    {
        CipherSection.Frame => "Frame",
        CipherSection.IndexPage => "Index page",
        CipherSection.Metadata => "Metadata",
        CipherSection.Footer => "Footer",
        CipherSection.Header => "Header",
        _ => $"Section {(uint)section}",
    };

    /// <summary>The nonce is the part of the associated data that says which piece it is.</summary>
    private static ReadOnlySpan<byte> NonceOf(ReadOnlySpan<byte> associated) => associated.Slice(32, NonceSize);

    private void WriteAssociated(Span<byte> associated, CipherSection section, ulong ordinal, ReadOnlySpan<byte> extra)
    {
        Debug.Assert(Enum.IsDefined(section));
        ChainId.TryWriteBytes(associated, bigEndian: true, out _);
        ImageId.TryWriteBytes(associated[16..], bigEndian: true, out _);
        BinaryPrimitives.WriteUInt32LittleEndian(associated[32..], (uint)section);
        BinaryPrimitives.WriteUInt64LittleEndian(associated[36..], ordinal);
        extra.CopyTo(associated[ExtraOffset..]);
    }

    [Conditional("DEBUG")]
    private void Enter() =>
        Debug.Assert(Interlocked.Exchange(ref busy, 1) == 0, "A cipher serves one thread at a time; clone it.");

    [Conditional("DEBUG")]
    private void Leave() => Volatile.Write(ref busy, 0);
}
