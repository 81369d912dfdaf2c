using System.CommandLine;
using Tidemark.Cli.Arguments;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Cli.Tracing;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Restores;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark restore IMAGE TARGET</c>: brings a point in time back.</summary>
internal static class RestoreVerb
{
    private static readonly Argument<string> Image = new("IMAGE") { Description = "CHAIN@SEQUENCE, CHAIN@latest, or CHAIN; with #N a partition of it" };

    private static readonly Argument<string> Target = new("TARGET") { Description = "A file, which is made, or a block device; - for standard output" };

    private static readonly Option<bool> Force = new("--force") { Description = "Overwrite a file that is there, or a device that holds something" };

    private static readonly Option<bool> Delta = new("--delta")
    {
        Description = "Read the target, an older or newer copy of the same volume, and write only what differs",
    };

    private static readonly Option<bool> Resume = new("--resume")
    {
        Description = "Begin, or go on with a restore of this image that was interrupted; a file is kept when it is interrupted again",
    };

    private static readonly Option<bool> Fit = new("--fit")
    {
        Description = "Allow a smaller disk if all partitions fit: what lies behind the last one is left out",
    };

    private static readonly Option<bool> AsIs = new("--as-is")
    {
        Description = "Copy the bytes alone to a larger disk or one with other sectors, without fitting the partition table",
    };

    private static readonly Option<bool> Salvage = new("--salvage")
    {
        Description = "Restore what there is although an older image is missing or an index is damaged; what is lost is zeros and listed",
    };

    private static readonly Option<UnreadableSectors?> Unreadable = Choice.Option(
        "--unreadable", "Sectors that could not be read when they were imaged: write a pattern that says so (default), or refuse the restore",
        ("pattern", UnreadableSectors.Pattern), ("fail", UnreadableSectors.Fail));

    private static readonly Option<int?> QueueDepth = Choice.Number("--queue-depth", "Writes in flight, 1 to 256");

    public static Command Create()
    {
        var command = new Command("restore", "Bring a point in time back, bit for bit")
        {
            Image, Target, Force, Delta, Resume, Fit, AsIs, Salvage, Unreadable, QueueDepth, TraceRecording.Option,
        };
        var key = new KeyArguments(command, "of the encrypted chain");
        var pace = new PaceArguments(command, "read and written");
        return command.Runs(streams: false, (parsed, report, cancellation) =>
        {
            var request = new RestoreRequest
            {
                Image = ImageAddress.Parse(parsed.GetRequiredValue(Image)),
                Target = TargetLocation.Parse(parsed.GetRequiredValue(Target)),
                Force = parsed.GetValue(Force),
                Delta = parsed.GetValue(Delta),
                Resume = parsed.GetValue(Resume),
                Fit = parsed.GetValue(Fit),
                AsIs = parsed.GetValue(AsIs),
                Salvage = parsed.GetValue(Salvage),
                Unreadable = parsed.GetValue(Unreadable) ?? UnreadableSectors.Pattern,
                Key = key.Read(parsed),
                MaxRate = pace.Enter(parsed, report),
                QueueDepth = parsed.GetValue(QueueDepth),
            };
            var result = TraceRecording.Around(parsed, report, () => Restore.Run(request, report, cancellation));
            var code = ExitCodes.Of(result.Damaged, result.UnreadableBytes);
            report.Tell(new RestoreEvent(result, code), text => RestoreText.Write(text, result));
            return code;
        },
        parsed => TargetLocation.IsStream(parsed.GetRequiredValue(Target)));
    }
}
