namespace Tidemark.Engine.Serving;

/// <summary>A thread's own buffer: room for a reply's header, and the payload behind it, so that both go out in one call.</summary>
internal sealed class NbdBuffer
{
    /// <summary>Payload of one chunk at most: a large request is answered, and a write taken, in pieces of this.</summary>
    public const int Size = 256 << 10;

    /// <summary>What may stand before the payload.</summary>
    public const int HeaderRoom = 64;

    /// <summary>Buffers without a thread that are kept: a connection's worth, or the collector would hold them for long.</summary>
    private const int MostSpare = 16;

    private static readonly Stack<NbdBuffer> spare = new();

    private byte[] bytes;

    private NbdBuffer()
        : this(64 << 10)
    {
    }

    private NbdBuffer(int payload) => bytes = new byte[HeaderRoom + payload];

    /// <summary>A buffer that another thread gave back, or a new one.</summary>
    public static NbdBuffer Take()
    {
        lock (spare)
        {
            return spare.TryPop(out var old) ? old : new NbdBuffer();
        }
    }

    /// <summary>Leaves the buffer to the next thread.</summary>
    public void Give()
    {
        lock (spare)
        {
            if (spare.Count < MostSpare)
            {
                spare.Push(this);
            }
        }
    }

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
