using Tidemark.Engine.Operations.Servers;

namespace Tidemark.Cli.Output;

/// <summary>What people read of a server: where it is, and at its end what it did.</summary>
internal static class ServeText
{
    public static void WriteReady(TextWriter text, ServedPoint point)
    {
        var how = (point.Writable ? "writable" : "read-only") + (point.Tls ? ", over TLS" : "");
        text.WriteLine($"Serving image {point.Sequence} of {point.Chain}, {PeopleText.Bytes(point.Bytes)}, {how}: {point.Uri}");

        // Whoever started the server waits for this line.
        text.Flush();
    }

    public static void Write(TextWriter text, ServeResult result)
    {
        text.WriteLine(
            $"Served {PeopleText.Count(result.Connections, "connection")}: {PeopleText.Bytes(result.ReadBytes)} read"
            + (result.WrittenBytes > 0 ? $", {PeopleText.Bytes(result.WrittenBytes)} written" : "")
            + (result.Failures > 0 ? $", {PeopleText.Count(result.Failures, "request")} failed" : "") + ".");
    }
}
