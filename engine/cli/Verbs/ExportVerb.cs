using System.CommandLine;
using Tidemark.Cli.Arguments;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Cli.Tracing;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Exports;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark export IMAGE FILE</c>: makes a disk file that hypervisors take.</summary>
internal static class ExportVerb
{
    private static readonly Argument<string> Image = ImageArgument.Create("; #N behind it is a partition");

    private static readonly Argument<string> File = new("FILE") { Description = "The file to make; - is standard output (raw)" };

    private static readonly Option<ExportFormat?> Format = Choice.Option(
        "--format", "The kind of file [default: what the extension says]", [.. ExportFormats.All.Select(f => (f.Name, f.Format))]);

    private static readonly Option<string?> Base = new("--base")
    {
        Description = "A vhd, vhdx or qcow2 file that was exported of another image of the chain: write only what differs from it",
        HelpName = "FILE",
    };

    private static readonly Option<long?> BlockSize = SizeText.Option(
        "--block-size", "Unit of allocation in the file: vhd 512K or 2M, vhdx 1M to 256M, qcow2 4K to 2M");

    private static readonly Option<long?> Align = SizeText.Option(
        "--align", "Fill the disk up with zeros to a multiple of this size; Azure wants 1M");

    private static readonly Option<bool> Force = new("--force") { Description = "Replace a file that is there" };

    public static Command Create()
    {
        var command = new Command("export", "Make a VHD, VHDX, qcow2 or raw file of an image")
        {
            Image, File, Format, Base, BlockSize, Align, Force, TraceRecording.Option,
        };
        var key = new KeyArguments(command, "of the encrypted chain");
        var pace = new PaceArguments(command, "written");
        return command.Runs(streams: false, (parsed, report, cancellation) =>
        {
            var request = new ExportRequest
            {
                Image = ImageAddress.Parse(parsed.GetRequiredValue(Image)),
                File = TargetLocation.Parse(parsed.GetRequiredValue(File)),
                Format = parsed.GetValue(Format),
                Base = parsed.GetValue(Base),
                BlockSize = parsed.GetValue(BlockSize),
                Align = parsed.GetValue(Align),
                Force = parsed.GetValue(Force),
                Key = key.Read(parsed),
                MaxRate = pace.Enter(parsed, report),
            };
            var result = TraceRecording.Around(parsed, report, () => Export.Run(request, report, cancellation));
            var code = ExitCodes.Of(result.Damaged, result.UnreadableBytes);
            report.Tell(new ExportEvent(result, code), text => ExportText.Write(text, result));
            return code;
        },
        parsed => TargetLocation.IsStream(parsed.GetRequiredValue(File)));
    }
}
