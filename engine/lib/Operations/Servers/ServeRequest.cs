using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Serving;

namespace Tidemark.Engine.Operations.Servers;

/// <summary>A point in time to serve to NBD clients, and where.</summary>
public sealed record ServeRequest
{
    public required ImageAddress Image { get; init; }

    public KeyOptions Key { get; init; } = KeyOptions.None;

    /// <summary>HOST[:PORT] to listen at, port 0 for any free one; null for a Unix socket.</summary>
    public string? Listen { get; init; }

    /// <summary>The path of the Unix socket to make; null for TCP.</summary>
    public string? Socket { get; init => field = UserPath.SettleAny(value); }

    /// <summary>The name of the export; the empty one is what clients ask for unless told otherwise.</summary>
    public string ExportName { get; init; } = "";

    /// <summary>Whether the server ends when its last client has gone.</summary>
    public bool ExitWhenIdle { get; init; }

    /// <summary>Another image of the same chain; what differs from it is told as block status, <c>tidemark:changed</c>.</summary>
    public ImageAddress? ChangedSince { get; init; }

    /// <summary>Whether clients may write: into an overlay that is thrown away, unless <see cref="Overlay"/> keeps it.</summary>
    public bool Writable { get; init; }

    /// <summary>The file that keeps what clients write, made if it isn't there; null for none.</summary>
    public string? Overlay { get; init => field = UserPath.SettleAny(value); }

    /// <summary>Bytes of decoded frames to keep, 1 MiB to 1 TiB.</summary>
    public long CacheBytes { get; init; } = PointDevice.DefaultCacheBytes;

    /// <summary>A folder with server-cert.pem and server-key.pem: clients must use TLS. Null for none.</summary>
    public string? TlsCertificates { get; init => field = UserPath.SettleAny(value); }

    /// <summary>Whether clients must show a certificate that the folder's ca-cert.pem vouches for.</summary>
    public bool TlsVerifyPeer { get; init; }
}

/// <summary>What is served and where, told as soon as clients may come.</summary>
/// <param name="Uri">What clients are given.</param>
/// <param name="OpenSeconds">How long it took to get there.</param>
public sealed record ServedPoint(
    string Uri, string Chain, Guid ImageId, long Sequence, long Bytes, int BlockSize, bool Writable, bool Tls, double OpenSeconds);

/// <summary>What a server did until its end.</summary>
/// <param name="Failures">Requests that ended in an error, since blocks are damaged or were unreadable.</param>
public sealed record ServeResult(
    string Chain, Guid ImageId, long Sequence, long Connections, long ReadBytes, long WrittenBytes, long Failures,
    double Seconds, double CpuSeconds);
