using System.CommandLine;
using Tidemark.Cli.Arguments;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Cli.Tracing;
using Tidemark.Engine.Operations.Healing;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark heal CHAIN --from SOURCE</c>: brings damaged blocks back from the live source.</summary>
internal static class HealVerb
{
    private static readonly Argument<string> Chain = new("CHAIN") { Description = "The chain's folder; its images stay as they are" };

    private static readonly Option<string> From = new("--from")
    {
        Description = "The source, or a copy of it, that still holds what is damaged in the chain",
        HelpName = "SOURCE",
        Required = true,
    };

    public static Command Create()
    {
        var command = new Command(
            "heal", "Read damaged blocks of a chain from the source again")
        {
            Chain, From, FormatArgument.Option, TraceRecording.Option,
        };
        var key = new KeyArguments(command, "of the encrypted chain");
        var pace = new PaceArguments(command, "read");
        return command.Runs(streams: false, (parsed, report, cancellation) =>
        {
            var request = new HealRequest
            {
                Chain = ImageAddress.ParseChain(parsed.GetRequiredValue(Chain)),
                Source = FormatArgument.Location(parsed, parsed.GetRequiredValue(From)),
                Key = key.Read(parsed),
                MaxRate = pace.Enter(parsed, report),
            };
            var result = TraceRecording.Around(parsed, report, () => Heal.Run(request, report, cancellation));
            var code = result.LeavesDamage ? ExitCodes.Damaged : ExitCodes.Done;
            report.Tell(new HealEvent(result, code), text => HealText.Write(text, result));
            return code;
        });
    }
}
