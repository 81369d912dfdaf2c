using System.CommandLine;
using Tidemark.Cli.Arguments;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Engine.Operations.Extraction;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark extract IMAGE PATH… --to DIR</c>: single files and folders out of an image.</summary>
internal static class ExtractVerb
{
    private static readonly Argument<string> Image = ImageArgument.Create();

    public static readonly Argument<string[]> Paths = new("PATH")
    {
        Description = "Files and folders in the image; of a disk's image each begins with the partition: p2/etc/fstab",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<string> To = new("--to")
    {
        Description = "The folder to put them into, each by its last name; nothing in it is overwritten",
        HelpName = "DIR",
        Required = true,
    };

    public static Command Create()
    {
        var command = new Command("extract", "Bring single files and folders back from an image (Linux)") { Image, Paths, To };
        var key = new KeyArguments(command, "of the encrypted chain");
        return command.Runs(streams: true, (parsed, report, cancellation) =>
        {
            VolumeFiles.EnterPrivateMounts();
            var request = new ExtractRequest
            {
                Image = ImageAddress.Parse(parsed.GetRequiredValue(Image)),
                Paths = parsed.GetRequiredValue(Paths),
                To = parsed.GetRequiredValue(To),
                Key = key.Read(parsed),
            };
            var result = VolumeFiles.Extract(request, report, cancellation);
            var code = ExitCodes.Of(result.Problems);
            report.Tell(new ExtractEvent(result, code), text => FileText.Write(text, result));
            return code;
        });
    }
}
