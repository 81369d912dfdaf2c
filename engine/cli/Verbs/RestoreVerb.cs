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
    private static readonly Argument<string> Image = ImageArgument.Create("; #N behind it is a partition");

    private static readonly Argument<string> Target = new("TARGET") { Description = "A disk, partition or NBD address, or a file to make; - is standard output" };

    private static readonly Option<bool> Force = new("--force") { Description = "Overwrite a file, or a device that holds something" };

    private static readonly Option<bool> Delta = new("--delta")
    {
        Description = "Read the target, an older or newer copy of the same volume, and write only what differs",
    };

    private static readonly Option<bool> Resume = new("--resume")
    {
        Description = "Go on with an interrupted restore of this image, or begin one; an interruption keeps the file",
    };

    private static readonly Option<bool> Fit = new("--fit")
    {
        Description = "Allow a smaller disk if all partitions fit; leave out what lies behind the last one",
    };

    private static readonly Option<bool> AsIs = new("--as-is")
    {
        Description = "Copy the bytes alone, and don't fit the partition table to the disk",
    };

    private static readonly Option<bool> Salvage = new("--salvage")
    {
        Description = "Restore the rest where an older image is missing or an index is damaged; what is lost becomes zeros and is listed",
    };

    private static readonly Option<UnreadableSectors?> Unreadable = Choice.Option(
        "--unreadable", "For sectors that were unreadable when they were imaged: write a pattern that says so, or refuse the restore [default: pattern]",
        ("pattern", UnreadableSectors.Pattern), ("fail", UnreadableSectors.Fail));

    private static readonly Option<FreeContent?> Free = Choice.Option(
        "--free", "For blocks that no file had when they were imaged: keep what the device holds there, zero it, or trim it [default: keep]",
        ("keep", FreeContent.Keep), ("zero", FreeContent.Zero), ("trim", FreeContent.Trim));

    private static readonly Option<int?> QueueDepth = Choice.Number("--queue-depth", "Writes in flight, 1 to 256");

    public static Command Create()
    {
        var command = new Command("restore", "Bring an image back to a disk, a partition or a file")
        {
            Image, Target, Force, Delta, Resume, Fit, AsIs, Salvage, Unreadable, Free, QueueDepth, TraceRecording.Option,
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
                Free = parsed.GetValue(Free) ?? FreeContent.Keep,
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
