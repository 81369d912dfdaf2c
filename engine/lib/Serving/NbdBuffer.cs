namespace Tidemark.Engine.Serving;

/// <summary>A thread's own buffer: room for a reply's header, and the payload behind it, so that both go out in one call.</summary>
internal sealed class NbdBuffer
{
    /// <summary>Payload of one chunk at most: a large request is answered, and a write taken, in pieces of this.</summary>
    public const int Size = 256 << 10;

    /// <summary>What may stand before the payload.</summary>
    public const int HeaderRoom = 64;

    private byte[] bytes;

    public NbdBuffer()
        : this(64 << 10)
    {
    }

    private NbdBuffer(int payload) => bytes = new byte[HeaderRoom + payload];

    /// <summary>The payload; it grows to what is needed, up to <see cref="Size"/>.</summary>
    public Span<byte> Payload(int length)
    {
        if (bytes.Length < HeaderRoom + length)
        {
            Array.Resize(ref bytes, HeaderRoom + Math.Max(length, Size));
        }

        return bytes.AsSpan(HeaderRoom, length);
    }

    /// <summary>This buffer, or one for this call alone where more is needed than is worth keeping.</summary>
    public NbdBuffer Room(int length) => length <= Size ? this : new NbdBuffer(length);

    /// <summary>The bytes from a header of a length to the end of a payload.</summary>
    public Span<byte> Message(int header, int payload) => bytes.AsSpan(HeaderRoom - header, header + payload);
}
