namespace Tidemark.Harness.Support;

/// <summary>How long a test waits for another process or thread before it says that it hangs.</summary>
internal static class Patience
{
    /// <summary>
    /// A hundred times what any such wait takes, so that slowness alone doesn't reach it; shorter than what
    /// <c>harness/test</c> allows a run in which no test ends, so that the test that hangs is named.
    /// </summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);
}
