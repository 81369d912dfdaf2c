namespace Tidemark.Fuzz.Running;

/// <summary>A target found that something doesn't hold; what a crash of a fuzzer is.</summary>
internal sealed class FindException(string message) : Exception(message)
{
    public static void Unless(bool holds, string what)
    {
        if (!holds)
        {
            throw new FindException(what);
        }
    }
}
