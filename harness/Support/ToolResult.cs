namespace Tidemark.Harness.Support;

/// <summary>What a program said and how it ended.</summary>
internal sealed record ToolResult(string Command, int ExitCode, string Output, string Error)
{
    /// <summary>Fails the test with everything the program said, unless it ended with 0.</summary>
    public ToolResult Succeeded() => EndedWith(0);

    public ToolResult EndedWith(params int[] exitCodes)
    {
        if (!exitCodes.Contains(ExitCode))
        {
            throw new InvalidOperationException($"""
                {Command}
                ended with {ExitCode} instead of {string.Join(" or ", exitCodes)}.
                standard output: {Output.TrimEnd()}
                standard error: {Error.TrimEnd()}
                """);
        }

        return this;
    }
}
