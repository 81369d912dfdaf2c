using System.CommandLine;
using Tidemark.Cli.Arguments;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Engine.Operations.Extraction;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark ls IMAGE PATH</c>: the files in an image.</summary>
internal static class ListFilesVerb
{
    private static readonly Argument<string> Image = ImageArgument.Create();

    public static readonly Argument<string> FilePath = new("PATH")
    {
        Description = "A folder or file in the image; of a disk's image it begins with the partition: p2/etc",
        DefaultValueFactory = _ => "",
    };

    private static readonly Option<bool> Recursive = new("--recursive") { Description = "List what is in its folders, too" };

    public static Command Create()
    {
        var command = new Command("ls", "List files in an image (Linux)") { Image, FilePath, Recursive };
        var key = new KeyArguments(command, "of the encrypted chain");
        return command.Runs(streams: true, (parsed, report, cancellation) =>
        {
            VolumeFiles.EnterPrivateMounts();
            var request = new ListFilesRequest
            {
                Image = ImageAddress.Parse(parsed.GetRequiredValue(Image)),
                Path = parsed.GetValue(FilePath) ?? "",
                Recursive = parsed.GetValue(Recursive),
                Key = key.Read(parsed),
            };
            var result = VolumeFiles.List(
                request, file => report.Tell(new FileEvent(file), text => text.WriteLine(FileText.Line(file))), report, cancellation);
            var code = ExitCodes.Of(result.Problems);
            report.Tell(new ListFilesEvent(result, code), text => FileText.Write(text, result));
            return code;
        });
    }
}
