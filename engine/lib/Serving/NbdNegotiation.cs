using System.Buffers.Binary;
using System.Text;
using Tidemark.Engine.Devices.Nbd;

namespace Tidemark.Engine.Serving;

/// <summary>
/// The handshake of fixed newstyle (doc/proto.md, "Fixed newstyle negotiation") up to the transmission phase: the options
/// that a client sends, each bounded, and what was agreed.
/// </summary>
internal sealed class NbdNegotiation(NbdStream stream, NbdExport export, NbdTls? tls)
{
    /// <summary>Bytes of one option: names, and the list of contexts that a client wants.</summary>
    private const int MaxOption = 64 << 10;

    /// <summary>Options of one client: who sends more isn't going anywhere.</summary>
    private const int MaxOptions = 256;

    private readonly byte[] reply = new byte[20 + NbdProtocol.MaxString + 64];
    private bool noZeroes;
    private bool secure = tls is null;

    /// <summary>Whether the client has said anything.</summary>
    public bool HasSpoken { get; private set; }

    /// <summary>Whether replies are structured.</summary>
    public bool Structured { get; private set; }

    /// <summary>The contexts that block status answers in, by the number it calls them; empty without any.</summary>
    public List<(uint Id, NbdContext Context)> Contexts { get; } = [];

    /// <summary>Speaks with a client; false if it went, or can't be spoken with.</summary>
    public bool Run()
    {
        Span<byte> greeting = stackalloc byte[18];
        BinaryPrimitives.WriteUInt64BigEndian(greeting, NbdProtocol.NBDMAGIC);
        BinaryPrimitives.WriteUInt64BigEndian(greeting[8..], NbdProtocol.IHAVEOPT);
        BinaryPrimitives.WriteUInt16BigEndian(
            greeting[16..], NbdProtocol.NBD_FLAG_FIXED_NEWSTYLE | NbdProtocol.NBD_FLAG_NO_ZEROES);
        stream.Write(greeting);
        var flags = stream.ReadU32();
        HasSpoken = true;
        if ((flags & ~(uint)(NbdProtocol.NBD_FLAG_FIXED_NEWSTYLE | NbdProtocol.NBD_FLAG_NO_ZEROES)) != 0)
        {
            return false;
        }

        noZeroes = (flags & NbdProtocol.NBD_FLAG_NO_ZEROES) != 0;
        for (var i = 0; i < MaxOptions; i++)
        {
            if (stream.ReadU64() != NbdProtocol.IHAVEOPT)
            {
                return false;
            }

            var option = (NbdOption)stream.ReadU32();
            var length = stream.ReadU32();
            if (length > MaxOption)
            {
                if (option == NbdOption.ExportName || length > NbdProtocol.DefaultMaxPayload)
                {
                    return false;
                }

                stream.Skip(length);
                Reply(option, NbdOptionReply.ErrTooBig, []);
                continue;
            }

            var data = new byte[length];
            stream.Read(data);
            if (Answer(option, data) is { } end)
            {
                return end;
            }
        }

        return false;
    }

    /// <summary>Null if negotiation goes on; else whether transmission follows.</summary>
    private bool? Answer(NbdOption option, byte[] data)
    {
        if (!secure && option is not (NbdOption.StartTls or NbdOption.Abort))
        {
            if (option == NbdOption.ExportName)
            {
                return false;
            }

            Reply(option, NbdOptionReply.ErrTlsReqd, "TLS comes first"u8);
            return null;
        }

        switch (option)
        {
            case NbdOption.ExportName:
                return AnswerExportName(data);
            case NbdOption.Abort:
                Reply(option, NbdOptionReply.Ack, []);
                return false;
            case NbdOption.StartTls:
                return AnswerStartTls(data);
            case NbdOption.List:
                AnswerList(data);
                return null;
            case NbdOption.Info or NbdOption.Go:
                return AnswerInfo(option, data) && option == NbdOption.Go ? true : null;
            case NbdOption.StructuredReply:
                Structured = data.Length == 0;
                Reply(option, Structured ? NbdOptionReply.Ack : NbdOptionReply.ErrInvalid, []);
                return null;
            case NbdOption.ListMetaContext or NbdOption.SetMetaContext:
                AnswerContexts(option, data);
                return null;
            default:
                Reply(option, NbdOptionReply.ErrUnsup, []);
                return null;
        }
    }

    private bool AnswerExportName(byte[] data)
    {
        if (!IsExport(data))
        {
            return false;
        }

        Span<byte> answer = stackalloc byte[10 + 124];
        answer.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(answer, (ulong)export.Device.Length);
        BinaryPrimitives.WriteUInt16BigEndian(answer[8..], TransmissionFlags());
        stream.Write(noZeroes ? answer[..10] : answer);
        return true;
    }

    private bool? AnswerStartTls(byte[] data)
    {
        if (tls is null)
        {
            Reply(NbdOption.StartTls, NbdOptionReply.ErrPolicy, "this server has no certificate"u8);
            return null;
        }

        if (secure || data.Length > 0)
        {
            Reply(NbdOption.StartTls, NbdOptionReply.ErrInvalid, []);
            return null;
        }

        Reply(NbdOption.StartTls, NbdOptionReply.Ack, []);
        if (!stream.TrySecure(tls.Secure))
        {
            return false;
        }

        // What was agreed in the clear, somebody on the way may have agreed on.
        secure = true;
        Structured = false;
        Contexts.Clear();
        return null;
    }

    private void AnswerList(byte[] data)
    {
        if (data.Length > 0)
        {
            Reply(NbdOption.List, NbdOptionReply.ErrInvalid, []);
            return;
        }

        var name = Encoding.UTF8.GetBytes(export.Name);
        var description = Encoding.UTF8.GetBytes(export.Description);
        var item = new byte[4 + name.Length + description.Length];
        BinaryPrimitives.WriteUInt32BigEndian(item, (uint)name.Length);
        name.CopyTo(item, 4);
        description.CopyTo(item, 4 + name.Length);
        Reply(NbdOption.List, NbdOptionReply.Server, item);
        Reply(NbdOption.List, NbdOptionReply.Ack, []);
    }

    private bool AnswerInfo(NbdOption option, ReadOnlySpan<byte> data)
    {
        if (!TryTakeString(ref data, out var name) || data.Length < 2
            || BinaryPrimitives.ReadUInt16BigEndian(data) * 2 != data.Length - 2)
        {
            Reply(option, NbdOptionReply.ErrInvalid, []);
            return false;
        }

        if (!IsExport(name))
        {
            Reply(option, NbdOptionReply.ErrUnknown, "there is no such export"u8);
            return false;
        }

        Span<byte> info = stackalloc byte[14];
        BinaryPrimitives.WriteUInt16BigEndian(info, (ushort)NbdInfo.Export);
        BinaryPrimitives.WriteUInt64BigEndian(info[2..], (ulong)export.Device.Length);
        BinaryPrimitives.WriteUInt16BigEndian(info[10..], TransmissionFlags());
        Reply(option, NbdOptionReply.Info, info[..12]);
        BinaryPrimitives.WriteUInt16BigEndian(info, (ushort)NbdInfo.BlockSize);
        BinaryPrimitives.WriteUInt32BigEndian(info[2..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(info[6..], (uint)export.PreferredBlock);
        BinaryPrimitives.WriteUInt32BigEndian(info[10..], NbdProtocol.DefaultMaxPayload);
        Reply(option, NbdOptionReply.Info, info);
        for (data = data[2..]; data.Length >= 2; data = data[2..])
        {
            var wanted = (NbdInfo)BinaryPrimitives.ReadUInt16BigEndian(data);
            if (wanted is NbdInfo.Name or NbdInfo.Description)
            {
                var text = Encoding.UTF8.GetBytes(wanted == NbdInfo.Name ? export.Name : export.Description);
                var answer = new byte[2 + text.Length];
                BinaryPrimitives.WriteUInt16BigEndian(answer, (ushort)wanted);
                text.CopyTo(answer, 2);
                Reply(option, NbdOptionReply.Info, answer);
            }
        }

        Reply(option, NbdOptionReply.Ack, []);
        return true;
    }

    private void AnswerContexts(NbdOption option, ReadOnlySpan<byte> data)
    {
        if (!Structured || !TryTakeString(ref data, out var name) || data.Length < 4)
        {
            Reply(option, NbdOptionReply.ErrInvalid, []);
            return;
        }

        var count = BinaryPrimitives.ReadUInt32BigEndian(data);
        data = data[4..];
        List<string> queries = [];
        for (var i = 0; i < count; i++)
        {
            if (!TryTakeString(ref data, out var query))
            {
                Reply(option, NbdOptionReply.ErrInvalid, []);
                return;
            }

            queries.Add(Encoding.UTF8.GetString(query));
        }

        if (data.Length > 0)
        {
            Reply(option, NbdOptionReply.ErrInvalid, []);
            return;
        }

        if (!IsExport(name))
        {
            Reply(option, NbdOptionReply.ErrUnknown, []);
            return;
        }

        if (option == NbdOption.SetMetaContext)
        {
            Contexts.Clear();
        }

        for (var i = 0; i < export.Contexts.Count; i++)
        {
            var context = export.Contexts[i];
            if (queries.Contains(context.Name)
                || (option == NbdOption.ListMetaContext && (queries.Count == 0 || queries.Exists(q => IsNamespaceOf(q, context.Name)))))
            {
                var text = Encoding.UTF8.GetBytes(context.Name);
                var answer = new byte[4 + text.Length];
                BinaryPrimitives.WriteUInt32BigEndian(answer, (uint)i + 1);
                text.CopyTo(answer, 4);
                Reply(option, NbdOptionReply.MetaContext, answer);
                if (option == NbdOption.SetMetaContext)
                {
                    Contexts.Add(((uint)i + 1, context));
                }
            }
        }

        Reply(option, NbdOptionReply.Ack, []);
    }

    /// <summary>Whether a query asks for all contexts of a namespace: "base:".</summary>
    private static bool IsNamespaceOf(string query, string name) =>
        query.EndsWith(':') && name.StartsWith(query, StringComparison.Ordinal);

    private bool IsExport(ReadOnlySpan<byte> name) =>
        name.IsEmpty || name.SequenceEqual(Encoding.UTF8.GetBytes(export.Name));

    private ushort TransmissionFlags()
    {
        var flags = NbdProtocol.NBD_FLAG_HAS_FLAGS | NbdProtocol.NBD_FLAG_SEND_FLUSH | NbdProtocol.NBD_FLAG_CAN_MULTI_CONN
            | NbdProtocol.NBD_FLAG_SEND_CACHE | (Structured ? NbdProtocol.NBD_FLAG_SEND_DF : 0);
        flags |= export.Writable
            ? NbdProtocol.NBD_FLAG_SEND_FUA | NbdProtocol.NBD_FLAG_SEND_TRIM | NbdProtocol.NBD_FLAG_SEND_WRITE_ZEROES
            : NbdProtocol.NBD_FLAG_READ_ONLY;
        return (ushort)flags;
    }

    private static bool TryTakeString(ref ReadOnlySpan<byte> data, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (data.Length < 4)
        {
            return false;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(data);
        if (length > NbdProtocol.MaxString || length > data.Length - 4)
        {
            return false;
        }

        text = data.Slice(4, (int)length);
        data = data[(4 + (int)length)..];
        return true;
    }

    private void Reply(NbdOption option, NbdOptionReply kind, ReadOnlySpan<byte> data)
    {
        BinaryPrimitives.WriteUInt64BigEndian(reply, NbdProtocol.NBD_REP_MAGIC);
        BinaryPrimitives.WriteUInt32BigEndian(reply.AsSpan(8), (uint)option);
        BinaryPrimitives.WriteUInt32BigEndian(reply.AsSpan(12), (uint)kind);
        BinaryPrimitives.WriteUInt32BigEndian(reply.AsSpan(16), (uint)data.Length);
        data.CopyTo(reply.AsSpan(20));
        stream.Write(reply.AsSpan(0, 20 + data.Length));
    }
}
