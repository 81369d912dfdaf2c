using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;

namespace Tidemark.Engine.Devices.Nbd;

/// <summary>
/// A client's connection in its transmission phase: any thread sends requests, and a thread of its own takes the replies, so
/// that a server is never kept from answering. Once it broke, everything fails at once.
/// </summary>
internal sealed unsafe class NbdConnection : IDisposable
{
    /// <summary>EIO: a connection that broke, and a server that says nothing better.</summary>
    public const int BrokenError = 5;

    /// <summary>A message for people in an error chunk, and its fields.</summary>
    private const int MaxErrorChunk = NbdProtocol.MaxString + 64;

    private const int StackSize = 256 << 10;

    private readonly NbdStream stream;
    private readonly Lock gate = new();
    private readonly Lock sending = new();
    private readonly Dictionary<ulong, NbdTransfer> pending = [];
    private readonly Thread receiver;
    private readonly byte[] request = new byte[NbdProtocol.RequestSize];
    private readonly byte[] reply = new byte[NbdProtocol.ChunkSize];
    private ulong lastCookie;
    private string? broken;

    private NbdConnection(NbdStream stream, NbdServerInfo info)
    {
        this.stream = stream;
        Info = info;
        receiver = new Thread(Receive, StackSize) { IsBackground = true, Name = "nbd replies" };
    }

    public NbdServerInfo Info { get; }

    /// <summary>Why it broke; null as long as it works.</summary>
    public string? Problem
    {
        get
        {
            lock (gate)
            {
                return broken;
            }
        }
    }

    /// <param name="address">Where the server is.</param>
    /// <param name="isPatient">Whether it is waited for however long it takes to begin; for servers that this process started.</param>
    /// <exception cref="TidemarkException">Nobody answers, or not as an NBD server does.</exception>
    public static NbdConnection Open(NbdAddress address, bool isPatient = false)
    {
        Socket? socket = null;
        try
        {
            socket = Connect(address);
            var stream = new NbdStream(socket);

            // A server that says nothing isn't one; later a disk may take as long as it wants.
            socket.ReceiveTimeout = isPatient ? 0 : 30_000;
            var info = new NbdClientHandshake(stream, address).Run();
            socket.ReceiveTimeout = 0;
            return Over(stream, info, begin: true);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            socket?.Dispose();
            throw TidemarkException.Failed(
                $"{address} can't be reached: {e.Message.TrimEnd('.')}. Check that the server runs, serves this export, and lets one more client in.", e);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }

    /// <summary>A connection whose handshake was done; replies are taken from <see cref="Begin"/> on.</summary>
    public static NbdConnection Over(NbdStream stream, NbdServerInfo info, bool begin)
    {
        var connection = new NbdConnection(stream, info);
        if (begin)
        {
            connection.Begin();
        }

        return connection;
    }

    /// <summary>Begins to take replies.</summary>
    public void Begin() => receiver.Start();

    /// <summary>Sends a request with its payload, if it has one; its end comes to the transfer.</summary>
    public void Submit(NbdTransfer transfer, NbdCommand command, NbdCommandFlags flags, long offset, uint length, byte* target, ReadOnlySpan<byte> payload)
    {
        // From where it is pending on, the transfer's end is the receiver's alone, and may come before this call returns.
        bool isPending;
        var made = default(NbdRequest);
        lock (gate)
        {
            made = new NbdRequest(flags, command, ++lastCookie, (ulong)offset, length);
            transfer.Start(made, target);
            isPending = broken is null;
            if (isPending)
            {
                pending.Add(made.Cookie, transfer);
            }
        }

        if (!isPending)
        {
            transfer.Fail(BrokenError);
            transfer.Finish();
            return;
        }

        try
        {
            lock (sending)
            {
                made.Write(request);
                stream.Write(request);
                if (!payload.IsEmpty)
                {
                    stream.Write(payload);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
        {
            Break(e.Message);
        }
    }

    /// <summary>Breaks the connection, from any thread: all that is under way fails, and what comes later at once.</summary>
    public void Abort() => stream.Abort();

    /// <summary>Says good-bye, and fails what is still under way.</summary>
    public void Dispose()
    {
        try
        {
            lock (sending)
            {
                new NbdRequest(NbdCommandFlags.None, NbdCommand.Disconnect, 0, 0, 0).Write(request);
                stream.Write(request);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
        {
            // It is gone already.
        }

        stream.Abort();
        receiver.Join();
        stream.Dispose();
    }

    private static Socket Connect(NbdAddress address)
    {
        if (address.Socket is { } path)
        {
            var local = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            local.Connect(new UnixDomainSocketEndPoint(path));
            return local;
        }

        var remote = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        remote.Connect(address.Host!, address.Port);
        return remote;
    }

    private void Receive()
    {
        try
        {
            while (stream.TryRead(reply.AsSpan(0, NbdProtocol.SimpleReplySize)))
            {
                var magic = BinaryPrimitives.ReadUInt32BigEndian(reply);
                var cookie = BinaryPrimitives.ReadUInt64BigEndian(reply.AsSpan(8));
                if (magic is not (NbdProtocol.NBD_SIMPLE_REPLY_MAGIC or NbdProtocol.NBD_STRUCTURED_REPLY_MAGIC)
                    || Find(cookie) is not { } transfer)
                {
                    Break("the server sent what isn't a reply to anything");
                    return;
                }

                var problem = magic == NbdProtocol.NBD_SIMPLE_REPLY_MAGIC ? TakeSimple(transfer) : TakeChunk(transfer);
                if (problem is not null)
                {
                    Break(problem);
                    return;
                }
            }

            Break("the server ended the connection");
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or SocketException)
        {
            Break(e.Message);
        }
    }

    private string? TakeSimple(NbdTransfer transfer)
    {
        var error = BinaryPrimitives.ReadUInt32BigEndian(reply.AsSpan(4));
        var reads = transfer.Request.Command is NbdCommand.Read;
        if (error != 0)
        {
            transfer.Fail((int)Math.Min(error, int.MaxValue));
        }
        else if (Info.Structured && (reads || transfer.Request.Command == NbdCommand.BlockStatus))
        {
            return "the server answered simply where replies are structured";
        }
        else if (reads)
        {
            stream.Read(new Span<byte>(transfer.Target, (int)transfer.Request.Length));
            transfer.Covered = transfer.Request.Length;
        }

        End(transfer);
        return null;
    }

    private string? TakeChunk(NbdTransfer transfer)
    {
        var flags = BinaryPrimitives.ReadUInt16BigEndian(reply.AsSpan(4));
        var type = (NbdChunk)BinaryPrimitives.ReadUInt16BigEndian(reply.AsSpan(6));
        var length = stream.ReadU32();
        if (!Info.Structured)
        {
            return "the server sent a structured reply that wasn't agreed on";
        }

        var problem = type switch
        {
            NbdChunk.None => length == 0 ? null : "the server sent an empty chunk that isn't empty",
            NbdChunk.OffsetData => TakeData(transfer, length),
            NbdChunk.OffsetHole => TakeHole(transfer, length),
            NbdChunk.BlockStatus => TakeStatus(transfer, length),
            _ when (type & NbdChunk.ErrorBit) != 0 => TakeError(transfer, length),
            _ => "the server sent a kind of chunk that doesn't exist",
        };
        if (problem is null && (flags & NbdProtocol.NBD_REPLY_FLAG_DONE) != 0)
        {
            End(transfer);
        }

        return problem;
    }

    private string? TakeData(NbdTransfer transfer, uint length)
    {
        if (length <= 8 || !TryPlace(transfer, stream.ReadU64(), length - 8, out var at))
        {
            return "the server sent data that wasn't asked for";
        }

        stream.Read(new Span<byte>(transfer.Target + at, (int)(length - 8)));
        return null;
    }

    private string? TakeHole(NbdTransfer transfer, uint length)
    {
        if (length != 12)
        {
            return "the server sent a hole that makes no sense";
        }

        var offset = stream.ReadU64();
        var size = stream.ReadU32();
        if (!TryPlace(transfer, offset, size, out var at))
        {
            return "the server sent a hole that wasn't asked for";
        }

        new Span<byte>(transfer.Target + at, (int)size).Clear();
        return null;
    }

    private static bool TryPlace(NbdTransfer transfer, ulong offset, uint length, out long at)
    {
        var request = transfer.Request;
        at = 0;
        if (request.Command != NbdCommand.Read || length == 0 || offset < request.Offset || offset - request.Offset > request.Length)
        {
            return false;
        }

        at = (long)(offset - request.Offset);
        if (length > request.Length - at || length > request.Length - transfer.Covered)
        {
            return false;
        }

        transfer.Covered += length;
        return true;
    }

    private string? TakeStatus(NbdTransfer transfer, uint length)
    {
        if (transfer.Request.Command != NbdCommand.BlockStatus || length < 12 || length % 8 != 4
            || length > NbdProtocol.DefaultMaxPayload || stream.ReadU32() != Info.Allocation)
        {
            return "the server sent a block status that makes no sense";
        }

        var extents = transfer.Extents!;
        for (var left = length - 4; left > 0; left -= 8)
        {
            var size = stream.ReadU32();
            var flags = stream.ReadU32();
            if (size == 0)
            {
                return "the server sent a block status that makes no sense";
            }

            if (extents.Count < NbdTransfer.MaxExtents)
            {
                extents.Add((size, flags));
            }
        }

        return null;
    }

    private string? TakeError(NbdTransfer transfer, uint length)
    {
        if (length is < 6 or > MaxErrorChunk)
        {
            return "the server sent an error that makes no sense";
        }

        var error = stream.ReadU32();
        stream.Skip(length - 4);
        transfer.Fail(error is 0 or > int.MaxValue ? BrokenError : (int)error);
        return null;
    }

    private NbdTransfer? Find(ulong cookie)
    {
        lock (gate)
        {
            return pending.GetValueOrDefault(cookie);
        }
    }

    private void End(NbdTransfer transfer)
    {
        if (transfer.Request.Command == NbdCommand.Read && transfer.Error == 0 && transfer.Covered != transfer.Request.Length)
        {
            transfer.Fail(BrokenError);
        }

        bool mine;
        lock (gate)
        {
            mine = pending.Remove(transfer.Request.Cookie);
        }

        if (mine)
        {
            transfer.Finish();
        }
    }

    /// <summary>Fails all that is under way. What comes into a buffer comes on the receiver's thread, which must be done with it.</summary>
    private void Break(string reason)
    {
        if (Thread.CurrentThread != receiver)
        {
            // The receiver meets the end and comes here itself.
            stream.Abort();
            return;
        }

        NbdTransfer[] lost;
        lock (gate)
        {
            broken ??= reason;
            lost = [.. pending.Values];
            pending.Clear();
        }

        stream.Abort();
        foreach (var transfer in lost)
        {
            transfer.Fail(BrokenError);
            transfer.Finish();
        }

        Debug.Assert(broken is not null);
    }
}
