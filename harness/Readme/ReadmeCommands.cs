using System.CommandLine;
using Xunit;

namespace Tidemark.Harness.Readme;

/// <summary>Commands of the README that are read by the program and not run.</summary>
internal static class ReadmeCommands
{
    /// <summary>Every option of every verb.</summary>
    public static HashSet<string> Options { get; } =
        [.. Tidemark.Cli.CommandLine.Create().Subcommands.SelectMany(verb => verb.Options).Concat(Tidemark.Cli.CommandLine.Create().Options).Select(option => option.Name)];

    /// <summary>Fails unless the program takes the arguments.</summary>
    public static void Parses(string[] arguments)
    {
        var parsed = Tidemark.Cli.CommandLine.Create().Parse(
            arguments, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        Assert.True(parsed.Errors.Count == 0, $"tidemark {string.Join(' ', arguments)}: {string.Join("; ", parsed.Errors.Select(e => e.Message))}");
    }
}
