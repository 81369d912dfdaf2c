using System.CommandLine;
using System.CommandLine.Invocation;

namespace Tidemark.Cli;

/// <summary>Says the version: one line, the program's name and three numbers.</summary>
internal sealed class VersionAction : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        parseResult.InvocationConfiguration.Output.WriteLine(
            $"tidemark {typeof(VersionAction).Assembly.GetName().Version?.ToString(3)}");
        return ExitCodes.Done;
    }
}
