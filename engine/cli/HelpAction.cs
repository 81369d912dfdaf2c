using System.CommandLine;
using System.CommandLine.Invocation;
using Tidemark.Cli.Output;

namespace Tidemark.Cli;

/// <summary>Shows the help of the program or of a verb.</summary>
internal sealed class HelpAction(RootCommand root) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        HelpText.Write(parseResult.InvocationConfiguration.Output, root, parseResult.CommandResult.Command, Terminal.Width);
        return ExitCodes.Done;
    }
}
