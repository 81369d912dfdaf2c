using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Tidemark.Engine.Devices.Nbd;

/// <summary>
/// Where an export is, as a URI (NetworkBlockDevice/nbd, doc/uri.md): <c>nbd://HOST[:PORT]/EXPORT</c>,
/// <c>nbd+unix:///EXPORT?socket=PATH</c>.
/// </summary>
/// <param name="Socket">The path of a Unix socket; null for TCP.</param>
internal sealed record NbdAddress(string? Host, int Port, string? Socket, string Export)
{
    private const string Tcp = "nbd://";
    private const string Unix = "nbd+unix://";

    /// <summary>Paths longer than this don't fit a socket's address (sun_path of Linux, less its end).</summary>
    public const int MaxSocketPath = 107;

    /// <summary>Whether a text is meant as such an address, right or wrong.</summary>
    public static bool IsMeant(string text) =>
        text.StartsWith("nbd:", StringComparison.OrdinalIgnoreCase) || text.StartsWith("nbd+", StringComparison.OrdinalIgnoreCase)
        || text.StartsWith("nbds:", StringComparison.OrdinalIgnoreCase) || text.StartsWith("nbds+", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="TidemarkException">It isn't an address that can be reached from here.</exception>
    public static NbdAddress Parse(string text) => TryParse(text, out var address, out var problem)
        ? address
        : throw TidemarkException.WrongUse(
            $"{text} is no NBD address: {problem}. Give nbd://HOST[:PORT]/EXPORT or nbd+unix:///EXPORT?socket=PATH.");

    public static bool TryParse(string text, [NotNullWhen(true)] out NbdAddress? address, out string problem)
    {
        address = null;
        problem = "";
        if (text.Length > NbdProtocol.MaxString)
        {
            problem = "it is too long";
            return false;
        }

        if (text.StartsWith(Unix, StringComparison.OrdinalIgnoreCase))
        {
            return TryParseUnix(text[Unix.Length..], out address, out problem);
        }

        if (text.StartsWith(Tcp, StringComparison.OrdinalIgnoreCase))
        {
            return TryParseTcp(text[Tcp.Length..], out address, out problem);
        }

        problem = text.StartsWith("nbds", StringComparison.OrdinalIgnoreCase)
            ? "servers with TLS can't be read yet"
            : "its scheme is neither nbd:// nor nbd+unix://";
        return false;
    }

    public override string ToString() => Socket is null
        ? string.Create(CultureInfo.InvariantCulture, $"{Tcp}{(Host!.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}/{Uri.EscapeDataString(Export)}")
        : $"{Unix}/{Uri.EscapeDataString(Export)}?socket={Uri.EscapeDataString(Socket).Replace("%2F", "/", StringComparison.Ordinal)}";

    private static bool TryParseUnix(string rest, [NotNullWhen(true)] out NbdAddress? address, out string problem)
    {
        address = null;
        problem = "";
        var query = rest.IndexOf('?', StringComparison.Ordinal);
        if (query < 0 || !rest.StartsWith('/'))
        {
            problem = "it names no socket";
            return false;
        }

        foreach (var part in rest[(query + 1)..].Split('&'))
        {
            if (part.StartsWith("socket=", StringComparison.Ordinal))
            {
                var path = Uri.UnescapeDataString(part["socket=".Length..]);
                if (Encoding.UTF8.GetByteCount(path) is 0 or > MaxSocketPath || path.Contains('\0', StringComparison.Ordinal))
                {
                    problem = $"a socket's path has 1 to {MaxSocketPath} bytes";
                    return false;
                }

                address = new NbdAddress(null, 0, path, Uri.UnescapeDataString(rest[1..query]));
                return true;
            }
        }

        problem = "it names no socket";
        return false;
    }

    private static bool TryParseTcp(string rest, [NotNullWhen(true)] out NbdAddress? address, out string problem)
    {
        address = null;
        problem = "";
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var place = slash < 0 ? rest : rest[..slash];
        var export = slash < 0 ? "" : Uri.UnescapeDataString(rest[(slash + 1)..]);
        if (!TryParseEndpoint(place, out var host, out var port))
        {
            problem = "its host and port can't be told apart";
            return false;
        }

        address = new NbdAddress(host, port, null, export);
        return true;
    }

    /// <summary>Takes HOST, HOST:PORT or [IPV6]:PORT apart.</summary>
    public static bool TryParseEndpoint(string text, out string host, out int port)
    {
        port = NbdProtocol.DefaultPort;
        host = text;
        var colon = text.LastIndexOf(':');
        if (text.StartsWith('['))
        {
            var close = text.IndexOf(']', StringComparison.Ordinal);
            if (close < 0 || (colon > close && colon != close + 1) || (colon < close && close != text.Length - 1))
            {
                return false;
            }

            host = text[1..close];
            colon = colon > close ? colon : -1;
        }
        else if (colon >= 0)
        {
            host = text[..colon];
            if (host.Contains(':', StringComparison.Ordinal))
            {
                // An address of IPv6 in no brackets: what of it is the port can't be told.
                return false;
            }
        }

        return (colon < 0 || (int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port)
            && port is >= 0 and <= 65535)) && host.Length is > 0 and <= 255 && !host.AsSpan().ContainsAny('[', ']');
    }
}
