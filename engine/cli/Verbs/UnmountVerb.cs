using System.CommandLine;
using Tidemark.Cli.Json;
using Tidemark.Engine.Operations.Mounts;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark unmount DIR</c>: takes a mounted image down.</summary>
internal static class UnmountVerb
{
    private static readonly Argument<string> Folder = new("DIR") { Description = "The folder that 'tidemark mount' was given" };

    private static readonly Option<bool> Force = new("--force") { Description = "Unmount even if somebody still uses it" };

    public static Command Create()
    {
        var command = new Command("unmount", "End a mount, also one whose process died (Linux)") { Folder, Force };
        return command.Runs(streams: true, (parsed, report, _) =>
        {
            var folder = parsed.GetRequiredValue(Folder);
            var image = ImageMount.Unmount(folder, parsed.GetValue(Force));
            report.Tell(new UnmountEvent(image, folder), text => text.WriteLine($"{image} is no longer mounted on {folder}."));
            return ExitCodes.Done;
        });
    }
}
