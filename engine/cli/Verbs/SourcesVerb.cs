using System.CommandLine;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Engine.Locations;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark sources</c>: what can be imaged on this machine.</summary>
internal static class SourcesVerb
{
    public static Command Create() =>
        new Command("sources", "List the disks and volumes that can be imaged here").Runs(streams: true, (_, report, _) =>
        {
            var sources = Sources.List();
            report.Tell(new SourcesEvent(sources), text => SourcesText.Write(text, sources));
            return ExitCodes.Done;
        });
}
