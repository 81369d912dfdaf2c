using System.CommandLine;
using Tidemark.Cli.Arguments;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Engine.Operations.Mounts;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Programs;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark mount IMAGE DIR</c>: an image's file systems as folders.</summary>
internal static class MountVerb
{
    private const string ForegroundName = "--foreground";
    private const string DetachName = "--detach-when-ready";

    private static readonly Argument<string> Image = ImageArgument.Create("; #N behind it is a partition");

    private static readonly Argument<string> Folder = new("DIR") { Description = "An empty folder, or one to make" };

    private static readonly Option<bool> Foreground = new(ForegroundName) { Description = "Run until it is unmounted; Ctrl-C unmounts" };

    // Between the two processes of a mount in the background.
    private static readonly Option<bool> Detach = new(DetachName) { Hidden = true };

    public static Command Create()
    {
        var command = new Command("mount", "Show an image's file systems as folders, read-only (Linux)") { Image, Folder, Foreground, Detach };
        var key = new KeyArguments(command, "of the encrypted chain");
        return command.Runs(streams: true, (parsed, report, cancellation) =>
        {
            var request = new MountRequest
            {
                Image = ImageAddress.Parse(parsed.GetRequiredValue(Image)),
                Folder = parsed.GetRequiredValue(Folder),
                Key = key.Read(parsed),
            };
            var detach = parsed.GetValue(Detach);
            if (OperatingSystem.IsLinux() && !detach && !parsed.GetValue(Foreground))
            {
                return DetachedRun.Start(
                    ArgumentCheck.With(Environment.GetCommandLineArgs()[1..], DetachName), request.Key.IsStandardInput ? Console.OpenStandardInput() : null,
                    StandardStreams.Output, StandardStreams.ErrorBytes, cancellation);
            }

            if (detach)
            {
                DetachedRun.LeaveTerminal();
            }

            ImageMount.Run(
                request,
                result =>
                {
                    report.Tell(new MountEvent(result), text => MountText.Write(text, result));
                    report.Flush();
                    if (detach)
                    {
                        DetachedRun.Detach();
                    }
                },
                report,
                cancellation);
            return ExitCodes.Done;
        });
    }
}
