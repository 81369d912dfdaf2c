using System.Net;
using System.Net.Sockets;

namespace Tidemark.Harness.Support;

/// <summary>A port for a server that can't be told to take any: free a moment ago.</summary>
internal static class FreePort
{
    public static int Take()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
