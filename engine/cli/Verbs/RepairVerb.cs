using System.CommandLine;
using Tidemark.Cli.Arguments;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Cli.Tracing;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Repairs;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark repair CHAIN</c>: brings back what a damaged chain still tells of itself.</summary>
internal static class RepairVerb
{
    private static readonly Argument<string> Chain = new("CHAIN") { Description = "The chain's folder; its images stay as they are" };

    public static Command Create()
    {
        var command = new Command(
            "repair", "Rebuild damaged headers, indexes and footers of a chain")
        {
            Chain, TraceRecording.Option,
        };
        var key = new KeyArguments(command, "of the encrypted chain");
        var pace = new PaceArguments(command, "read");
        return command.Runs(streams: false, (parsed, report, cancellation) =>
        {
            var request = new RepairRequest
            {
                Chain = ImageAddress.ParseChain(parsed.GetRequiredValue(Chain)),
                Key = key.Read(parsed),
                MaxRate = pace.Enter(parsed, report),
            };
            var result = TraceRecording.Around(parsed, report, () => Repair.Run(request, report, cancellation));
            var code = result.Notes.Count == 0 && result.Images.All(i => i.State is RepairState.Whole or RepairState.Repaired) ? ExitCodes.Done : ExitCodes.Damaged;
            report.Tell(new RepairEvent(result, code), text => RepairText.Write(text, result));
            return code;
        });
    }
}
