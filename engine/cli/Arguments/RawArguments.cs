using System.CommandLine;
using System.CommandLine.Parsing;
using Tidemark.Cli.Verbs;
using Tidemark.Engine.Io;
using Tidemark.Engine.Operations.Hosting;

namespace Tidemark.Cli.Arguments;

/// <summary>
/// Arguments needn't be UTF-8, and the runtime changes those that aren't. A path within an image is taken byte for byte; a
/// path of this system in other bytes would mean another place, and is refused.
/// </summary>
internal static class RawArguments
{
    /// <summary>The arguments as they were given.</summary>
    public static string[] Of(string[] arguments)
    {
        // The mark of what the runtime has changed, which may have been given as well.
        if (OperatingSystem.IsWindows() || !arguments.Any(argument => argument.Contains('\uFFFD', StringComparison.Ordinal)))
        {
            return arguments;
        }

        var words = RawName.Decode(File.ReadAllBytes("/proc/self/cmdline")).Split('\0')[..^1];
        return words.Length >= arguments.Length ? words[^arguments.Length..] : arguments;
    }

    /// <summary>Why these can't be used; null where they can.</summary>
    public static string? Problem(ParseResult parsed)
    {
        foreach (var result in parsed.CommandResult.Children)
        {
            if (result is ArgumentResult { Argument: var argument } && (argument == ListFilesVerb.FilePath || argument == ExtractVerb.Paths))
            {
                continue;
            }

            if (result.Tokens.FirstOrDefault(token => !RawName.IsText(token.Value)) is { } token)
            {
                return $"'{RawName.Visible(token.Value)}' isn't UTF-8, and only paths in an image are taken byte for byte. Give it another name, or reach it by a link";
            }
        }

        return WorkingFolder.IsText ? null : "The working folder's name isn't UTF-8, so paths that begin there would mean another place. Change to another folder";
    }
}
