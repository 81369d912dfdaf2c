using System.CommandLine;
using Tidemark.Cli.Output;
using Tidemark.Engine.Operations.Hosting;

namespace Tidemark.Cli.Arguments;

/// <summary>The two options of those who want less than full speed.</summary>
internal sealed class PaceArguments
{
    private readonly Option<long?> maxRate;

    private readonly Option<bool> background = new("--background")
    {
        Description = "Let all other programs go first on processors and disks",
    };

    /// <param name="command">Gets the options.</param>
    /// <param name="moved">What the rate counts, completing "Most bytes a second that are …".</param>
    public PaceArguments(Command command, string moved)
    {
        maxRate = SizeText.Option("--max-rate", $"Most bytes a second that are {moved}, for example 50M");
        command.Add(maxRate);
        command.Add(background);
    }

    /// <summary>Goes into the background if that was asked for, and returns the rate.</summary>
    public long? Enter(ParseResult parsed, Report report)
    {
        if (parsed.GetValue(background) && Background.Enter() is { } refused)
        {
            report.Warn($"--background has only a part of its effect: {refused}.");
        }

        return parsed.GetValue(maxRate);
    }
}
