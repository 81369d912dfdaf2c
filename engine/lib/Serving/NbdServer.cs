using System.Diagnostics;
using System.Net.Sockets;
using System.Security.Authentication;
using Tidemark.Engine.Devices.Nbd;

namespace Tidemark.Engine.Serving;

/// <summary>
/// Serves one export to the clients that connect to a socket, each on threads of its own, until it is told to end or, if that
/// is wanted, until the last client has gone.
/// </summary>
internal sealed class NbdServer(Socket listener, NbdExport export, NbdTls? tls, NbdCounters counters, bool exitWhenIdle) : IDisposable
{
    /// <summary>Connections at a time; one more is closed at once. nbdcopy opens 4, nbdfuse 4, qemu 1 to 16.</summary>
    public const int MaxConnections = 128;

    /// <summary>A client that agrees on nothing for so long is gone; one that has agreed may be silent for ever.</summary>
    private static readonly TimeSpan HandshakePatience = TimeSpan.FromSeconds(30);

    /// <summary>A client that takes nothing of a reply for so long is gone.</summary>
    private static readonly TimeSpan SendPatience = TimeSpan.FromMinutes(5);

    /// <summary>Stacks hold hashes and small buffers.</summary>
    private const int StackSize = 512 << 10;

    /// <summary>Before the next client is looked for, where one couldn't be taken: so that waiting costs nothing.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly Lock gate = new();
    private readonly HashSet<NbdStream> streams = [];
    private readonly ManualResetEventSlim empty = new(true);
    private Socket? spare = Spare();
    private bool ending;
    private long collectedAt;
    private bool hadClient;

    /// <summary>Runs until <paramref name="cancellation"/>, which is an ordinary end.</summary>
    public void Run(CancellationToken cancellation)
    {
        using (cancellation.Register(End))
        {
            while (Accept() is { } socket)
            {
                Begin(socket);
            }
        }

        empty.Wait(CancellationToken.None);
    }

    public void Dispose()
    {
        lock (gate)
        {
            Debug.Assert(streams.Count == 0);
            spare?.Dispose();
            empty.Dispose();
        }
    }

    private Socket? Accept()
    {
        while (true)
        {
            try
            {
                return listener.Accept();
            }
            catch (SocketException e) when (!ending && e.SocketErrorCode == SocketError.TooManyOpenSockets)
            {
                RefuseOne();
            }
            catch (SocketException e) when (!ending && e.SocketErrorCode is not (SocketError.NotSocket or SocketError.OperationAborted
                or SocketError.InvalidArgument or SocketError.OperationNotSupported))
            {
                // That client alone: it has gone, its network fails, or the system is short of memory (accept(2), "Errors").
                Thread.Sleep(Pause);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return null;
            }
        }
    }

    /// <summary>
    /// With no descriptor left a client can't even be refused: the one that is kept for this is given up, and taken again.
    /// Where that isn't enough, others must go before one can come.
    /// </summary>
    private void RefuseOne()
    {
        spare?.Dispose();
        spare = null;
        try
        {
            if (listener.Poll(0, SelectMode.SelectRead))
            {
                listener.Accept().Dispose();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It stays in the queue.
        }

        spare = Spare();
        Thread.Sleep(Pause);
    }

    private static Socket? Spare()
    {
        try
        {
            return new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private void Begin(Socket socket)
    {
        try
        {
            if (socket.AddressFamily != AddressFamily.Unix)
            {
                socket.NoDelay = true;
            }
        }
        catch (SocketException)
        {
            // It has gone already, which its thread will see.
        }

        var stream = new NbdStream(socket);
        lock (gate)
        {
            if (ending || streams.Count == MaxConnections)
            {
                stream.Dispose();
                return;
            }

            streams.Add(stream);
            empty.Reset();
        }

        try
        {
            new Thread(() => Serve(socket, stream), StackSize) { IsBackground = true, Name = "nbd connection" }.Start();
            counters.Connected();
        }
        catch (Exception e) when (e is OutOfMemoryException or ThreadStartException)
        {
            // No more threads, or no memory for a stack: those that are served go on, and this one may come again.
            stream.Dispose();
            Left(stream, wasClient: false);
        }
    }

    private void Serve(Socket socket, NbdStream stream)
    {
        var negotiation = new NbdNegotiation(stream, export, tls);
        try
        {
            socket.ReceiveTimeout = (int)HandshakePatience.TotalMilliseconds;
            socket.SendTimeout = (int)SendPatience.TotalMilliseconds;
            if (negotiation.Run())
            {
                socket.ReceiveTimeout = 0;
                new NbdSession(stream, export, negotiation.Structured, negotiation.Contexts, counters, NbdSession.DefaultThreads).Run();
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or AuthenticationException or OutOfMemoryException)
        {
            // A client that goes, or that can't be spoken with, is no failure of the server; nor is one too many.
        }
        finally
        {
            stream.Dispose();
            Left(stream, negotiation.HasSpoken);
            GiveMemoryBack();
        }
    }

    /// <summary>
    /// Has the collector return what connections left behind, once the last of them has gone: by itself it holds as much again
    /// as the server keeps, since it has no reason to work. Seldom enough for clients that come and go all the time.
    /// </summary>
    private void GiveMemoryBack()
    {
        const long Worthwhile = 4 << 20;
        lock (gate)
        {
            var allocated = GC.GetTotalAllocatedBytes();
            if (streams.Count > 0 || allocated - collectedAt < Worthwhile)
            {
                return;
            }

            collectedAt = allocated;
        }

        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
    }

    // Who came to a path and went without a word is no client: another server looked whether it is used.
    private void Left(NbdStream stream, bool wasClient)
    {
        lock (gate)
        {
            var removed = streams.Remove(stream);
            Debug.Assert(removed);
            hadClient |= wasClient || listener.AddressFamily != AddressFamily.Unix;
            if (streams.Count > 0)
            {
                return;
            }

            empty.Set();
            if (!exitWhenIdle || !hadClient)
            {
                return;
            }

            ending = true;
        }

        listener.Dispose();
    }

    private void End()
    {
        lock (gate)
        {
            ending = true;
            foreach (var stream in streams)
            {
                stream.Abort();
            }
        }

        listener.Dispose();
    }
}
