using System.CommandLine;
using Tidemark.Cli.Arguments;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Cli.Tracing;
using Tidemark.Engine;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Verification;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark verify STORE|CHAIN|IMAGE</c>: checks what is stored.</summary>
internal static class VerifyVerb
{
    private static readonly Argument<string> Subject = new("STORE|CHAIN|IMAGE") { Description = "All chains of a store, one chain, or one image" };

    private static readonly Option<bool> Quick = new("--quick") { Description = "Check headers, links and indexes only" };

    private static readonly Option<bool> Deep = new("--deep") { Description = "Decode every frame, too, and prove every block by its hash" };

    private static readonly Option<string?> Against = new("--against")
    {
        Description = "Compare the image, or the chain's newest one, with a source; exit code 1 if they differ",
        HelpName = "SOURCE",
    };

    public static Command Create()
    {
        var command = new Command("verify", "Check a store, a chain or an image for damage") { Subject, Quick, Deep, Against, FormatArgument.Option, TraceRecording.Option };
        var key = new KeyArguments(command, "of the encrypted chain; without it only checksums are checked");
        var pace = new PaceArguments(command, "read");
        command.Validators.Add(result =>
        {
            if (result.GetValue(Quick) && result.GetValue(Deep))
            {
                result.AddError("--quick and --deep exclude each other");
            }
        });
        return command.Runs(streams: false, (parsed, report, cancellation) =>
        {
            if (FormatArgument.IsGiven(parsed) && parsed.GetValue(Against) is null)
            {
                throw new TidemarkException(
                    TidemarkError.WrongUse, "--format says what the file is that --against names. Give that, or leave --format out.");
            }

            var request = new VerifyRequest
            {
                Subject = ImageAddress.Parse(parsed.GetRequiredValue(Subject)),
                Depth = parsed.GetValue(Quick) ? VerifyDepth.Quick : parsed.GetValue(Deep) ? VerifyDepth.Deep : VerifyDepth.Normal,
                Against = parsed.GetValue(Against) is { } against ? FormatArgument.Location(parsed, against) : null,
                Key = key.Read(parsed),
                MaxRate = pace.Enter(parsed, report),
            };
            var result = TraceRecording.Around(parsed, report, () => Verify.Run(request, report, cancellation));
            var code = ExitCodes.Of(result, request.Depth);
            report.Tell(new VerifyEvent(result, code), text => VerifyText.Write(text, result, request.Against?.Text));
            return code;
        });
    }
}
