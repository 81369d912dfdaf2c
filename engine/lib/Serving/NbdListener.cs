using System.Net;
using System.Net.Sockets;
using System.Text;
using Tidemark.Engine.Devices.Nbd;

namespace Tidemark.Engine.Serving;

/// <summary>The socket that clients come to: made, and taken away again.</summary>
internal sealed class NbdListener : IDisposable
{
    /// <summary>What waits to be accepted: a client that opens all its connections at once.</summary>
    private const int Backlog = 128;

    private readonly string? path;

    private NbdListener(Socket socket, NbdAddress address, string? path)
    {
        Socket = socket;
        Address = address;
        this.path = path;
    }

    public Socket Socket { get; }

    /// <summary>What clients are given; the port is the one that was taken.</summary>
    public NbdAddress Address { get; }

    /// <param name="listen">HOST[:PORT]; null for the loopback address and the usual port.</param>
    /// <param name="socketPath">The path of a Unix socket to make; it comes first.</param>
    /// <exception cref="TidemarkException">The address is taken, isn't this machine's, or is no address.</exception>
    public static NbdListener Open(string? listen, string? socketPath, string export) =>
        socketPath is not null ? OpenUnix(socketPath, export) : OpenTcp(listen ?? "127.0.0.1", export);

    public void Dispose()
    {
        Socket.Dispose();
        if (path is not null)
        {
            File.Delete(path);
        }
    }

    private static NbdListener OpenUnix(string path, string export)
    {
        var full = Path.GetFullPath(path);
        if (Encoding.UTF8.GetByteCount(full) > NbdAddress.MaxSocketPath)
        {
            throw TidemarkException.WrongUse(
                $"{full} is too long for a Unix socket, whose path has {NbdAddress.MaxSocketPath} bytes at most. Give another.");
        }

        RemoveLeftover(full);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(full));
            if (!OperatingSystem.IsWindows())
            {
                // Before anybody can connect: whoever may read the chain serves it to themselves alone.
                File.SetUnixFileMode(full, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            socket.Listen(Backlog);
        }
        catch (Exception e) when (e is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw TidemarkException.Failed($"The socket {full} can't be made: {e.Message}", e);
        }

        return new NbdListener(socket, new NbdAddress(null, 0, full, export), full);
    }

    /// <summary>Removes the socket of a server that didn't end well; anything else at the path is in the way.</summary>
    private static void RemoveLeftover(string path)
    {
        if (!File.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && new FileInfo(path).Length == 0)
        {
            File.Delete(path);
            return;
        }
        catch (SocketException)
        {
            throw TidemarkException.WrongUse($"{path} is there already and isn't a socket to serve at. Give another path.");
        }

        throw TidemarkException.Failed($"Something serves at {path} already. Give another path, or end that first.");
    }

    private static NbdListener OpenTcp(string listen, string export)
    {
        if (!NbdAddress.TryParseEndpoint(listen, out var host, out var port))
        {
            throw TidemarkException.WrongUse($"{listen} is no address to listen at. Give HOST or HOST:PORT.");
        }

        Socket? socket = null;
        try
        {
            var address = IPAddress.TryParse(host, out var literal) ? literal : Dns.GetHostAddresses(host)[0];
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (!OperatingSystem.IsWindows())
            {
                // A server that just ended doesn't hold its port against the next one.
                socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            }

            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(Backlog);
            port = ((IPEndPoint)socket.LocalEndPoint!).Port;
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw TidemarkException.Failed($"Nothing can be served at {host}:{port}: {e.Message}.", e);
        }

        return new NbdListener(socket, new NbdAddress(host, port, null, export), null);
    }
}
