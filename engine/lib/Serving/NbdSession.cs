using System.Diagnostics;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Devices.Nbd;

namespace Tidemark.Engine.Serving;

/// <summary>
/// The transmission phase of one connection (doc/proto.md, "Transmission"). A few threads serve it and take turns: one reads
/// the next request; where more have come already it leaves the reading to another, and answers. So a client with one request
/// at a time is answered without a change of threads, and one with many by all of them; no queue is needed, and what is in
/// flight is bounded by the threads.
/// </summary>
internal sealed class NbdSession(
    NbdStream stream, NbdExport export, bool structured, IReadOnlyList<(uint Id, NbdContext Context)> contexts, NbdCounters counters,
    int maxThreads)
{
    /// <summary>Stacks hold hashes and small buffers.</summary>
    private const int StackSize = 512 << 10;

    /// <summary>
    /// Flags of requests that mean something here; a server answers others with an error (NBD protocol, "Command flags").
    /// </summary>
    private const NbdCommandFlags KnownFlags =
        NbdCommandFlags.Fua | NbdCommandFlags.NoHole | NbdCommandFlags.DontFragment | NbdCommandFlags.ReqOne;

    private readonly Lock receiving = new();
    private readonly List<Thread> helpers = [];
    private readonly NbdReplyWriter replies = new(stream, structured);
    private readonly byte[] header = new byte[NbdProtocol.RequestSize];
    private int waiting;
    private volatile bool closed;

    /// <summary>Threads of one connection at most: enough to keep all processors, or a slow disk, busy.</summary>
    public static int DefaultThreads { get; } = Math.Clamp(2 * Environment.ProcessorCount, 4, 16);

    /// <summary>Serves until the client goes, or sends what can't be understood, or the connection is ended.</summary>
    public void Run()
    {
        Work();
        for (var i = 0; ; i++)
        {
            Thread helper;
            lock (helpers)
            {
                if (i == helpers.Count)
                {
                    return;
                }

                helper = helpers[i];
            }

            helper.Join();
        }
    }

    private void Work()
    {
        var buffer = NbdBuffer.Take();
        try
        {
            while (TakeRequest(buffer, out var request))
            {
                Answer(request, buffer);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or System.Net.Sockets.SocketException or OutOfMemoryException)
        {
            // The client is gone, which is how most of them end; or there is no memory to serve it with.
            closed = true;
            stream.Abort();
        }
        finally
        {
            buffer.Give();
        }
    }

    /// <summary>
    /// Reads requests and answers them as long as they come one at a time; returns with one to be answered while another
    /// thread reads on. False at the end.
    /// </summary>
    private bool TakeRequest(NbdBuffer buffer, out NbdRequest request)
    {
        Interlocked.Increment(ref waiting);
        lock (receiving)
        {
            Interlocked.Decrement(ref waiting);
            while (!closed)
            {
                if (!stream.TryRead(header) || !NbdRequest.TryRead(header, out request)
                    || request.Command == NbdCommand.Disconnect)
                {
                    break;
                }

                if (request.Command == NbdCommand.Write)
                {
                    if (!TakeWrite(request, buffer))
                    {
                        break;
                    }

                    continue;
                }

                if (stream.HasMore)
                {
                    LetAnotherRead();
                    return true;
                }

                Answer(request, buffer);
            }

            closed = true;
        }

        request = default;
        return false;
    }

    /// <summary>Makes one more thread where none waits to read and there may be one; else the first that is done reads on.</summary>
    private void LetAnotherRead()
    {
        if (Volatile.Read(ref waiting) > 0)
        {
            return;
        }

        lock (helpers)
        {
            // The connection's own thread is one of them.
            if (helpers.Count + 1 < maxThreads)
            {
                var helper = new Thread(Work, StackSize) { IsBackground = true, Name = "nbd" };
                try
                {
                    helper.Start();
                    helpers.Add(helper);
                }
                catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
                {
                    // There are no more threads: this one answers, and then reads on.
                }
            }
        }
    }

    private void Answer(in NbdRequest request, NbdBuffer buffer)
    {
        try
        {
            if (Refusal(request) is var refusal && refusal != NbdError.None)
            {
                replies.Error(request.Cookie, refusal, buffer);
                return;
            }

            switch (request.Command)
            {
                case NbdCommand.Read:
                    Read(request, buffer);
                    break;
                case NbdCommand.BlockStatus:
                    NbdStatus.Answer(request, contexts, replies, buffer);
                    break;
                case NbdCommand.Cache:
                    Cache(request, buffer);
                    break;
                case NbdCommand.Flush:
                    export.Device.Flush();
                    replies.Done(request.Cookie, buffer);
                    break;
                default:
                    export.Device.WriteZeros((long)request.Offset, request.Length);
                    Finish(request, buffer);
                    break;
            }
        }
        catch (OutOfMemoryException)
        {
            replies.Error(request.Cookie, NbdError.NoMemory, buffer);
        }
        catch (TidemarkException e)
        {
            counters.Failed(e);
            replies.Error(request.Cookie, e is DeviceIoException io ? ErrorOf(io.NativeError) : NbdError.Io, buffer);
        }
    }

    private NbdError Refusal(in NbdRequest request)
    {
        var writes = request.Command is NbdCommand.Write or NbdCommand.Trim or NbdCommand.WriteZeroes;
        var known = writes || request.Command is NbdCommand.Read or NbdCommand.Flush or NbdCommand.Cache
            || (request.Command == NbdCommand.BlockStatus && contexts.Count > 0);
        if (!known || (request.Flags & ~KnownFlags) != 0)
        {
            return NbdError.Invalid;
        }

        if (writes && !export.Writable)
        {
            return NbdError.NotPermitted;
        }

        if (request.Command == NbdCommand.Flush)
        {
            return NbdError.None;
        }

        if (!request.IsWithin(export.Device.Length))
        {
            return writes ? NbdError.NoSpace : NbdError.Invalid;
        }

        return request.Command is NbdCommand.Read or NbdCommand.Write or NbdCommand.Cache
            && request.Length > NbdProtocol.DefaultMaxPayload ? NbdError.Invalid : NbdError.None;
    }

    private void Read(in NbdRequest request, NbdBuffer buffer)
    {
        var whole = !structured || (request.Flags & NbdCommandFlags.DontFragment) != 0;
        if (structured && whole && request.Length > NbdBuffer.Size)
        {
            replies.Error(request.Cookie, NbdError.Overflow, buffer);
            return;
        }

        var offset = (long)request.Offset;
        var end = offset + request.Length;
        if (!structured)
        {
            // An error can be told before the first byte only, so all of it is read before; a large one takes memory for that.
            var memory = buffer.Room((int)request.Length);
            export.Device.ReadAt(offset, memory.Payload((int)request.Length));
            replies.Data(request.Cookie, offset, (int)request.Length, last: true, memory);
            counters.Read(request.Length);
            return;
        }

        while (offset < end)
        {
            var now = (int)Math.Min(NbdBuffer.Size, end - offset);
            if (!whole && HoleAt(offset, end) is var hole && hole > 0)
            {
                replies.Hole(request.Cookie, offset, (uint)hole, offset + hole == end, buffer);
                offset += hole;
                continue;
            }

            export.Device.ReadAt(offset, buffer.Payload(now));
            offset += now;
            replies.Data(request.Cookie, offset - now, now, offset == end, buffer);
        }

        counters.Read(request.Length);
    }

    /// <summary>Bytes that needn't be sent since they are zeros; 0 where they aren't worth a chunk of their own.</summary>
    private long HoleAt(long offset, long end)
    {
        const int Worthwhile = 64 << 10;
        if (end - offset < Worthwhile)
        {
            return 0;
        }

        var extent = export.Device.ExtentAt(offset);
        var length = Math.Min(extent.Length, end - offset);
        return extent.Kind == ExtentKind.Unallocated && (length >= Worthwhile || length == end - offset) ? length : 0;
    }

    private void Cache(in NbdRequest request, NbdBuffer buffer)
    {
        for (long offset = (long)request.Offset, end = offset + request.Length; offset < end;)
        {
            var now = (int)Math.Min(NbdBuffer.Size, end - offset);
            export.Device.ReadAt(offset, buffer.Payload(now));
            offset += now;
        }

        replies.Done(request.Cookie, buffer);
    }

    /// <summary>
    /// Takes a write with its payload, piece by piece, and answers it. False if it can't be one, so that what follows can't be
    /// understood.
    /// </summary>
    private bool TakeWrite(in NbdRequest request, NbdBuffer buffer)
    {
        if (request.Length > NbdProtocol.DefaultMaxPayload)
        {
            return false;
        }

        var error = Refusal(request);
        for (long done = 0; done < request.Length;)
        {
            var now = (int)Math.Min(NbdBuffer.Size, request.Length - done);
            var piece = buffer.Payload(now);
            stream.Read(piece);
            if (error == NbdError.None)
            {
                error = TryWrite((long)request.Offset + done, piece);
            }

            done += now;
        }

        if (error != NbdError.None)
        {
            replies.Error(request.Cookie, error, buffer);
            return true;
        }

        counters.Wrote(request.Length);
        try
        {
            Finish(request, buffer);
        }
        catch (TidemarkException e)
        {
            counters.Failed(e);
            replies.Error(request.Cookie, NbdError.Io, buffer);
        }

        return true;
    }

    private NbdError TryWrite(long offset, ReadOnlySpan<byte> piece)
    {
        try
        {
            export.Device.WriteAt(offset, piece);
            return NbdError.None;
        }
        catch (TidemarkException e)
        {
            counters.Failed(e);
            return e is DeviceIoException io ? ErrorOf(io.NativeError) : NbdError.Io;
        }
    }

    private void Finish(in NbdRequest request, NbdBuffer buffer)
    {
        Debug.Assert(export.Writable);
        if ((request.Flags & NbdCommandFlags.Fua) != 0)
        {
            export.Device.Flush();
        }

        replies.Done(request.Cookie, buffer);
    }

    private static NbdError ErrorOf(int native) => (NbdError)native switch
    {
        NbdError.NoSpace => NbdError.NoSpace,
        NbdError.NoMemory => NbdError.NoMemory,
        _ => NbdError.Io,
    };
}
