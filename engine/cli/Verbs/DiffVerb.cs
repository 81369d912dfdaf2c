using System.CommandLine;
using System.Globalization;
using Tidemark.Cli.Arguments;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Engine.Operations.Diffs;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark diff IMAGE IMAGE</c>: the ranges that differ between two points in time.</summary>
internal static class DiffVerb
{
    private static readonly Argument<string> From = ImageArgument.Create(name: "FROM");

    private static readonly Argument<string> To = new("TO") { Description = "Another image of the same chain" };

    public static Command Create()
    {
        var command = new Command("diff", "List the byte ranges that differ between two images") { From, To };
        var key = new KeyArguments(command, "of the encrypted chain");
        return command.Runs(streams: true, (parsed, report, cancellation) =>
        {
            var request = new DiffRequest
            {
                From = ImageAddress.Parse(parsed.GetRequiredValue(From)),
                To = ImageAddress.Parse(parsed.GetRequiredValue(To)),
                Key = key.Read(parsed),
            };
            var result = Diff.Run(
                request,
                range => report.Tell(
                    new RangeEvent(range.Offset, range.Length),
                    text => text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{range.Offset}\t{range.Length}"))),
                report,
                cancellation);
            report.Tell(new DiffEvent(result), text => DiffText.Write(text, result));
            return ExitCodes.Done;
        });
    }
}
