namespace Tidemark.Harness.Support;

/// <summary>The long form of the tests (<c>harness/test --all</c>), in which random tests draw more.</summary>
internal static class LongForm
{
    public const string Variable = "TIDEMARK_ALL";

    public static bool Is { get; } = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable));

    /// <summary>How much a test does: usually, or in the long form.</summary>
    public static int Or(int usual, int all) => Is ? all : usual;
}
