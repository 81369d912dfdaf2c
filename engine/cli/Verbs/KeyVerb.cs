using System.CommandLine;
using Tidemark.Cli.Arguments;
using Tidemark.Cli.Json;
using Tidemark.Engine;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Maintenance;
using Tidemark.Engine.Operations.Points;

namespace Tidemark.Cli.Verbs;

/// <summary><c>tidemark key CHAIN</c>: changes the passphrase or key file of an encrypted chain.</summary>
internal static class KeyVerb
{
    private static readonly Argument<string> Chain = new("CHAIN") { Description = "The chain's folder; its images stay as they are" };

    public static Command Create()
    {
        var command = new Command("key", "Change the passphrase or key file of an encrypted chain") { Chain };
        var old = new KeyArguments(command, "that opens the chain now");
        var replacement = new KeyArguments(command, "that opens it from now on", "new-");
        return command.Runs(streams: true, (parsed, report, _) =>
        {
            var chain = StoreLocation.Parse(parsed.GetRequiredValue(Chain));
            var to = replacement.Read(parsed);
            if (to == KeyOptions.None)
            {
                throw new TidemarkException(TidemarkError.WrongUse, "Give the new key with --new-passphrase-file or --new-key-file.");
            }

            var file = ChainKey.Change(chain, old.Read(parsed), to);
            report.Tell(new KeyEvent(chain.Text, file), text => text.WriteLine(
                $"The key of {chain} is changed ({file}). Older copies of the chain still open with the old key."));
            return ExitCodes.Done;
        });
    }
}
