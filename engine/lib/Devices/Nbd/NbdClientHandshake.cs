using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace Tidemark.Engine.Devices.Nbd;

/// <summary>
/// The client's side of the handshake (doc/proto.md, "Fixed newstyle negotiation"). What a server says is bounded before
/// memory is taken, and an answer that makes no sense ends it.
/// </summary>
internal sealed class NbdClientHandshake(NbdStream stream, NbdAddress address)
{
    /// <summary>Bytes of one reply to an option: a message for people, or a description.</summary>
    private const int MaxReply = 64 << 10;

    /// <summary>Replies to one option: a server that sends more says nothing.</summary>
    private const int MaxReplies = 256;

    private const int MaxBlock = 4096;

    private readonly byte[] export = Encoding.UTF8.GetBytes(address.Export);
    private bool noZeroes;
    private bool structured;
    private uint? allocation;
    private long length = -1;
    private ushort flags;
    private uint minBlock = 1;
    private uint maxPayload = NbdProtocol.DefaultMaxPayload;

    /// <exception cref="TidemarkException">The server has no such export, or isn't one that can be understood.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
    public NbdServerInfo Run()
    {
        if (export.Length > NbdProtocol.MaxString)
        {
            throw Refuse($"an export's name has {NbdProtocol.MaxString} bytes at most");
        }

        if (stream.ReadU64() != NbdProtocol.NBDMAGIC)
        {
            throw Refuse("what answers there is no NBD server");
        }

        var options = stream.ReadU64();
        var greeting = options == NbdProtocol.IHAVEOPT ? stream.ReadU16() : 0;
        if ((greeting & NbdProtocol.NBD_FLAG_FIXED_NEWSTYLE) == 0)
        {
            throw Refuse("it speaks an old form of the protocol (oldstyle, or newstyle that isn't fixed)");
        }

        noZeroes = (greeting & NbdProtocol.NBD_FLAG_NO_ZEROES) != 0;
        Span<byte> answer = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(
            answer, (uint)(NbdProtocol.NBD_FLAG_FIXED_NEWSTYLE | (greeting & NbdProtocol.NBD_FLAG_NO_ZEROES)));
        stream.Write(answer);
        Send(NbdOption.StructuredReply, []);
        structured = Read(NbdOption.StructuredReply, (_, _) => { }) == NbdOptionReply.Ack;
        if (structured)
        {
            AskForAllocation();
        }

        AskToGo();
        return Checked();
    }

    private void AskForAllocation()
    {
        var name = Encoding.ASCII.GetBytes(NbdProtocol.BaseAllocation);
        var query = new byte[4 + export.Length + 4 + 4 + name.Length];
        BinaryPrimitives.WriteUInt32BigEndian(query, (uint)export.Length);
        export.CopyTo(query, 4);
        BinaryPrimitives.WriteUInt32BigEndian(query.AsSpan(4 + export.Length), 1);
        BinaryPrimitives.WriteUInt32BigEndian(query.AsSpan(8 + export.Length), (uint)name.Length);
        name.CopyTo(query, 12 + export.Length);
        Send(NbdOption.SetMetaContext, query);
        Read(NbdOption.SetMetaContext, (kind, data) =>
        {
            if (kind == NbdOptionReply.MetaContext && data.Length > 4 && data.AsSpan(4).SequenceEqual(name))
            {
                allocation = BinaryPrimitives.ReadUInt32BigEndian(data);
            }
        });
    }

    private void AskToGo()
    {
        var query = new byte[4 + export.Length + 2 + 2];
        BinaryPrimitives.WriteUInt32BigEndian(query, (uint)export.Length);
        export.CopyTo(query, 4);
        BinaryPrimitives.WriteUInt16BigEndian(query.AsSpan(4 + export.Length), 1);
        BinaryPrimitives.WriteUInt16BigEndian(query.AsSpan(6 + export.Length), (ushort)NbdInfo.BlockSize);
        Send(NbdOption.Go, query);
        var end = Read(NbdOption.Go, TakeInfo);
        if (end == NbdOptionReply.ErrUnsup)
        {
            GoByName();
            return;
        }

        if (end != NbdOptionReply.Ack)
        {
            throw Refuse(end switch
            {
                NbdOptionReply.ErrUnknown => $"it has no export '{address.Export}'",
                NbdOptionReply.ErrTlsReqd => "it wants TLS, which isn't spoken here; reach it through a tunnel",
                NbdOptionReply.ErrPolicy => "it refuses this client",
                NbdOptionReply.ErrShutdown => "it is shutting down",
                _ => string.Create(CultureInfo.InvariantCulture, $"it refuses the export with error {(uint)end & 0x7fffffff}"),
            });
        }
    }

    private void TakeInfo(NbdOptionReply kind, byte[] data)
    {
        if (kind != NbdOptionReply.Info || data.Length < 2)
        {
            return;
        }

        switch ((NbdInfo)BinaryPrimitives.ReadUInt16BigEndian(data))
        {
            case NbdInfo.Export when data.Length == 12:
                length = BinaryPrimitives.ReadInt64BigEndian(data.AsSpan(2));
                flags = BinaryPrimitives.ReadUInt16BigEndian(data.AsSpan(10));
                break;
            case NbdInfo.BlockSize when data.Length == 14:
                minBlock = BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(2));
                maxPayload = BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(10));
                break;
        }
    }

    /// <summary>What servers without NBD_OPT_GO take; they end the connection where the export is unknown.</summary>
    private void GoByName()
    {
        Send(NbdOption.ExportName, export);
        length = (long)stream.ReadU64();
        flags = stream.ReadU16();
        if (!noZeroes)
        {
            const int Zeroes = 124;
            stream.Skip(Zeroes);
        }
    }

    private NbdServerInfo Checked()
    {
        if (length < 0 || (flags & NbdProtocol.NBD_FLAG_HAS_FLAGS) == 0)
        {
            throw Refuse("what it says of the export's size makes no sense");
        }

        if (!BitOperations.IsPow2(minBlock) || minBlock > MaxBlock || length % minBlock != 0)
        {
            throw Refuse($"it wants requests in units of {minBlock} bytes, and units of 1 to {MaxBlock} can be made");
        }

        // Zero and all ones mean no limit of its own.
        var most = (int)Math.Min(maxPayload == 0 ? uint.MaxValue : maxPayload, NbdProtocol.DefaultMaxPayload) / MaxBlock * MaxBlock;
        if (most == 0)
        {
            throw Refuse("it takes no request that is large enough");
        }

        return new NbdServerInfo(length, flags, (int)minBlock, most, structured, allocation);
    }

    private void Send(NbdOption option, ReadOnlySpan<byte> data)
    {
        var message = new byte[16 + data.Length];
        BinaryPrimitives.WriteUInt64BigEndian(message, NbdProtocol.IHAVEOPT);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(8), (uint)option);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(12), (uint)data.Length);
        data.CopyTo(message.AsSpan(16));
        stream.Write(message);
    }

    /// <summary>Reads replies to an option up to the last, which is returned.</summary>
    private NbdOptionReply Read(NbdOption option, Action<NbdOptionReply, byte[]> take)
    {
        for (var i = 0; i < MaxReplies; i++)
        {
            if (stream.ReadU64() != NbdProtocol.NBD_REP_MAGIC || stream.ReadU32() != (uint)option)
            {
                throw Refuse("an answer of its handshake makes no sense");
            }

            var kind = (NbdOptionReply)stream.ReadU32();
            var size = stream.ReadU32();
            if (size > MaxReply)
            {
                throw Refuse("an answer of its handshake is longer than any should be");
            }

            var data = new byte[size];
            stream.Read(data);
            if (kind == NbdOptionReply.Ack || (kind & NbdOptionReply.Error) != 0)
            {
                return kind;
            }

            take(kind, data);
        }

        throw Refuse("its handshake has no end");
    }

    private TidemarkException Refuse(string problem) => TidemarkException.Failed($"{address} can't be opened: {problem}.");
}
