using System.Buffers.Binary;
using Tidemark.Engine.Devices.Nbd;

namespace Tidemark.Engine.Serving;

/// <summary>
/// Sends replies, simple or structured (doc/proto.md, "Simple reply message", "Structured reply chunk message"), whole ones at
/// a time, from any of a connection's threads.
/// </summary>
internal sealed class NbdReplyWriter(NbdStream stream, bool structured)
{
    private readonly Lock sending = new();

    public void Done(ulong cookie, NbdBuffer buffer) => Empty(cookie, NbdError.None, buffer);

    public void Error(ulong cookie, NbdError error, NbdBuffer buffer)
    {
        if (!structured)
        {
            Empty(cookie, error, buffer);
            return;
        }

        // Error and the length of a message, which is empty.
        var message = buffer.Message(NbdProtocol.ChunkSize + 6, 0);
        Chunk(message, NbdChunk.Error, cookie, 6, last: true);
        BinaryPrimitives.WriteUInt32BigEndian(message[NbdProtocol.ChunkSize..], (uint)error);
        BinaryPrimitives.WriteUInt16BigEndian(message[(NbdProtocol.ChunkSize + 4)..], 0);
        Send(message);
    }

    /// <summary>Sends the buffer's payload.</summary>
    public void Data(ulong cookie, long offset, int length, bool last, NbdBuffer buffer)
    {
        if (!structured)
        {
            var whole = buffer.Message(NbdProtocol.SimpleReplySize, length);
            Simple(whole, cookie, NbdError.None);
            Send(whole);
            return;
        }

        var message = buffer.Message(NbdProtocol.ChunkSize + 8, length);
        Chunk(message, NbdChunk.OffsetData, cookie, 8 + (uint)length, last);
        BinaryPrimitives.WriteInt64BigEndian(message[NbdProtocol.ChunkSize..], offset);
        Send(message);
    }

    public void Hole(ulong cookie, long offset, uint length, bool last, NbdBuffer buffer)
    {
        var message = buffer.Message(NbdProtocol.ChunkSize + 12, 0);
        Chunk(message, NbdChunk.OffsetHole, cookie, 12, last);
        BinaryPrimitives.WriteInt64BigEndian(message[NbdProtocol.ChunkSize..], offset);
        BinaryPrimitives.WriteUInt32BigEndian(message[(NbdProtocol.ChunkSize + 8)..], length);
        Send(message);
    }

    /// <summary>Sends pairs of length and flags, which stand in the buffer's payload.</summary>
    public void Status(ulong cookie, uint context, int pairs, bool last, NbdBuffer buffer)
    {
        var message = buffer.Message(NbdProtocol.ChunkSize + 4, pairs * 8);
        Chunk(message, NbdChunk.BlockStatus, cookie, 4 + ((uint)pairs * 8), last);
        BinaryPrimitives.WriteUInt32BigEndian(message[NbdProtocol.ChunkSize..], context);
        Send(message);
    }

    private static void Simple(Span<byte> message, ulong cookie, NbdError error)
    {
        BinaryPrimitives.WriteUInt32BigEndian(message, NbdProtocol.NBD_SIMPLE_REPLY_MAGIC);
        BinaryPrimitives.WriteUInt32BigEndian(message[4..], (uint)error);
        BinaryPrimitives.WriteUInt64BigEndian(message[8..], cookie);
    }

    private static void Chunk(Span<byte> message, NbdChunk type, ulong cookie, uint length, bool last)
    {
        BinaryPrimitives.WriteUInt32BigEndian(message, NbdProtocol.NBD_STRUCTURED_REPLY_MAGIC);
        BinaryPrimitives.WriteUInt16BigEndian(message[4..], last ? NbdProtocol.NBD_REPLY_FLAG_DONE : (ushort)0);
        BinaryPrimitives.WriteUInt16BigEndian(message[6..], (ushort)type);
        BinaryPrimitives.WriteUInt64BigEndian(message[8..], cookie);
        BinaryPrimitives.WriteUInt32BigEndian(message[16..], length);
    }

    /// <summary>Commands without content are answered simply also where replies are structured.</summary>
    private void Empty(ulong cookie, NbdError error, NbdBuffer buffer)
    {
        var message = buffer.Message(NbdProtocol.SimpleReplySize, 0);
        Simple(message, cookie, error);
        Send(message);
    }

    private void Send(ReadOnlySpan<byte> message)
    {
        lock (sending)
        {
            stream.Write(message);
        }
    }
}
