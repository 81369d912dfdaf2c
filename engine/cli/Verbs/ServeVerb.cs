using System.CommandLine;
using Tidemark.Cli.Arguments;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Servers;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark serve IMAGE</c>: a point in time as a network block device.</summary>
internal static class ServeVerb
{
    public const string ExportNameName = "--export-name";

    private static readonly Argument<string> Image = ImageArgument.Create("; #N behind it is a partition");

    private static readonly Option<string?> Listen = new("--listen")
    {
        Description = "HOST or HOST:PORT to listen at; port 0 takes any free one [default: 127.0.0.1:10809]",
        HelpName = "ADDRESS",
    };

    private static readonly Option<string?> Socket = new("--unix") { Description = "Make a Unix socket and listen there", HelpName = "PATH" };

    private static readonly Option<string?> ExportName = new(ExportNameName) { Description = "Name of the export [default: empty]", HelpName = "NAME" };

    private static readonly Option<bool> ExitWhenIdle = new("--exit-when-idle") { Description = "End when the last client has gone" };

    private static readonly Option<string?> ChangedSince = new("--changed-since")
    {
        Description = "Tell clients what differs from this image of the chain, as block status tidemark:changed",
        HelpName = "IMAGE",
    };

    private static readonly Option<bool> Writable = new("--writable") { Description = "Let clients write, and throw away at the end what they wrote" };

    private static readonly Option<string?> Overlay = new("--overlay")
    {
        Description = "Let clients write, and keep what they write in this file for the next time",
        HelpName = "FILE",
    };

    private static readonly Option<long?> Cache = SizeText.Option("--cache", "Memory for index and decoded blocks [default: 24M]");

    private static readonly Option<string?> TlsCertificates = new("--tls-certificates")
    {
        Description = "Folder with server-cert.pem and server-key.pem: clients must use TLS",
        HelpName = "DIR",
    };

    private static readonly Option<bool> TlsVerifyPeer = new("--tls-verify-peer")
    {
        Description = "Clients must show a certificate of the folder's ca-cert.pem",
    };

    public static Command Create()
    {
        var command = new Command("serve", "Serve an image as a network block device (NBD)")
        {
            Image, Listen, Socket, ExportName, ExitWhenIdle, ChangedSince, Writable, Overlay, Cache, TlsCertificates, TlsVerifyPeer,
        };
        var key = new KeyArguments(command, "of the encrypted chain");
        command.Validators.Add(result =>
        {
            if (result.GetResult(Listen) is not null && result.GetResult(Socket) is not null)
            {
                result.AddError($"{Listen.Name} and {Socket.Name} exclude each other");
            }
        });
        return command.Runs(streams: true, (parsed, report, cancellation) =>
        {
            var request = new ServeRequest
            {
                Image = ImageAddress.Parse(parsed.GetRequiredValue(Image)),
                Listen = parsed.GetValue(Listen),
                Socket = parsed.GetValue(Socket),
                ExportName = parsed.GetValue(ExportName) ?? "",
                ExitWhenIdle = parsed.GetValue(ExitWhenIdle),
                ChangedSince = parsed.GetValue(ChangedSince) is { } since ? ImageAddress.Parse(since) : null,
                Writable = parsed.GetValue(Writable),
                Overlay = parsed.GetValue(Overlay),
                TlsCertificates = parsed.GetValue(TlsCertificates),
                TlsVerifyPeer = parsed.GetValue(TlsVerifyPeer),
                Key = key.Read(parsed),
            };
            if (parsed.GetValue(Cache) is { } cache)
            {
                request = request with { CacheBytes = cache };
            }

            var result = Serve.Run(
                request,
                point => report.Tell(new ServingEvent(point), text => ServeText.WriteReady(text, point)),
                report,
                cancellation);
            report.Tell(new ServeEvent(result), text => ServeText.Write(text, result));
            return ExitCodes.Done;
        });
    }
}
