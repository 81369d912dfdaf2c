using System.Buffers.Binary;
using System.Net.Sockets;

namespace Tidemark.Engine.Devices.Nbd;

/// <summary>
/// A connection's bytes, over TLS or not. What comes is read through a buffer, so that many small requests cost one call; one
/// thread reads at a time and one writes.
/// </summary>
internal sealed class NbdStream(Socket socket) : IDisposable
{
    /// <summary>Two thousand requests.</summary>
    private const int BufferSize = 64 << 10;

    private readonly byte[] buffer = new byte[BufferSize];
    private readonly byte[] numbers = new byte[8];
    private Stream stream = new NetworkStream(socket, ownsSocket: true);
    private int at;
    private int end;

    /// <summary>Whether more has come already than was read.</summary>
    public bool HasMore => end > at || socket.Available > 0;

    /// <summary>Puts TLS around the connection; false if bytes came before it that should have come within.</summary>
    public bool TrySecure(Func<Stream, Stream> secure)
    {
        if (end > at)
        {
            return false;
        }

        stream = secure(stream);
        return true;
    }

    /// <summary>Fills a buffer; false at the end of the connection.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public bool TryRead(Span<byte> target)
    {
        while (!target.IsEmpty)
        {
            if (at == end)
            {
                if (target.Length >= BufferSize)
                {
                    var direct = stream.Read(target);
                    if (direct == 0)
                    {
                        return false;
                    }

                    target = target[direct..];
                    continue;
                }

                at = 0;
                end = stream.Read(buffer);
                if (end == 0)
                {
                    return false;
                }
            }

            var now = Math.Min(target.Length, end - at);
            buffer.AsSpan(at, now).CopyTo(target);
            at += now;
            target = target[now..];
        }

        return true;
    }

    /// <exception cref="EndOfStreamException">The connection ended.</exception>
    public void Read(Span<byte> target)
    {
        if (!TryRead(target))
        {
            throw new EndOfStreamException("the connection ended");
        }
    }

    public ushort ReadU16()
    {
        Read(numbers.AsSpan(0, 2));
        return BinaryPrimitives.ReadUInt16BigEndian(numbers);
    }

    public uint ReadU32()
    {
        Read(numbers.AsSpan(0, 4));
        return BinaryPrimitives.ReadUInt32BigEndian(numbers);
    }

    public ulong ReadU64()
    {
        Read(numbers);
        return BinaryPrimitives.ReadUInt64BigEndian(numbers);
    }

    /// <summary>Reads and forgets.</summary>
    public void Skip(long count)
    {
        Span<byte> nowhere = stackalloc byte[4096];
        while (count > 0)
        {
            var now = (int)Math.Min(count, nowhere.Length);
            Read(nowhere[..now]);
            count -= now;
        }
    }

    public void Write(ReadOnlySpan<byte> bytes) => stream.Write(bytes);

    /// <summary>Ends all that is read or written, from any thread.</summary>
    public void Abort()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }

    public void Dispose() => stream.Dispose();
}
