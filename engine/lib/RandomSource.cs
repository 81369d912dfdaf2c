namespace Tidemark.Engine;

/// <summary>
/// Where random bytes come from: ids, hash seeds, keys, salts and nonces. Passed in by whoever makes an image or a chain,
/// so that fixtures and simulations are reproducible.
/// </summary>
internal abstract class RandomSource
{
    /// <summary>Fills all of <paramref name="bytes"/>. Safe from any thread, unless the implementation says otherwise.</summary>
    public abstract void Fill(Span<byte> bytes);

    /// <summary>A random id (RFC 9562, section 5.4: version 4, 122 random bits).</summary>
    public virtual Guid NewGuid()
    {
        Span<byte> bytes = stackalloc byte[16];
        Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
