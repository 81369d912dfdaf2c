using System.CommandLine;
using Tidemark.Cli.Arguments;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Engine.Operations.Catalogs;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark show IMAGE</c>: one image's header, statistics and links.</summary>
internal static class ShowVerb
{
    private static readonly Argument<string> Image = ImageArgument.Create();

    public static Command Create()
    {
        var command = new Command("show", "Show all that is known of one image") { Image };
        var key = new KeyArguments(command, "of an encrypted chain, without which less is shown");
        return command.Runs(streams: true, (parsed, report, _) =>
        {
            var details = Catalog.Show(ImageAddress.Parse(parsed.GetRequiredValue(Image)), key.Read(parsed));
            report.Tell(new ShowEvent(details), text => ShowText.Write(text, details));
            return ExitCodes.Done;
        });
    }
}
