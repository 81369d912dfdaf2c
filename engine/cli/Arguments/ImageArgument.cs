using System.CommandLine;

namespace Tidemark.Cli.Arguments;

/// <summary>The image that a verb is about.</summary>
internal static class ImageArgument
{
    /// <param name="more">What else may or must be said of it.</param>
    /// <param name="name">How the verb's help calls it.</param>
    public static Argument<string> Create(string more = "", string name = "IMAGE") =>
        new(name) { Description = $"CHAIN (its newest image), CHAIN@3, or CHAIN@2026-11-27 (its newest by then){more}" };
}
