using System.CommandLine;
using Tidemark.Cli.Json;
using Tidemark.Cli.Output;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Catalogs;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark list STORE|CHAIN</c>: the chains of a store and their images.</summary>
internal static class ListVerb
{
    private static readonly Argument<string> Subject = new("STORE|CHAIN") { Description = "The folder of chains, or one chain's own folder" };

    public static Command Create() =>
        new Command("list", "List chains and their images") { Subject }.Runs(streams: true, (parsed, report, _) =>
        {
            var chains = Catalog.List(StoreLocation.Parse(parsed.GetRequiredValue(Subject)));
            foreach (var chain in chains)
            {
                report.Tell(new ChainEvent(chain), text => ListText.WriteChain(text, chain));
            }

            report.Tell(new ListEvent(chains), text => ListText.WriteSum(text, chains));
            return ExitCodes.Done;
        });
}
