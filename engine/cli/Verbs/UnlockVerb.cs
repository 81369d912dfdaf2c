using System.CommandLine;
using Tidemark.Cli.Json;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Maintenance;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark unlock CHAIN</c>: removes the lock of a run on another machine that is over.</summary>
internal static class UnlockVerb
{
    private static readonly Argument<string> Chain = new("CHAIN") { Description = "The chain's folder" };

    private static readonly Option<bool> Force = new("--force")
    {
        Description = $"Remove it at once, without watching for signs of life ({ChainUnlock.Watch.TotalSeconds:0} seconds)",
    };

    public static Command Create()
    {
        var command = new Command("unlock", "Remove the lock of a run on another machine that was cut off") { Chain, Force };
        return command.Runs(streams: true, (parsed, report, cancellation) =>
        {
            var chain = StoreLocation.Parse(parsed.GetRequiredValue(Chain));
            var holder = ChainUnlock.Remove(chain, parsed.GetValue(Force), cancellation);
            report.Tell(new UnlockEvent(chain.Text, holder), text => text.WriteLine(
                holder is null ? $"{chain} isn't locked." : $"The lock of {chain} is removed ({holder})."));
            return ExitCodes.Done;
        });
    }
}
