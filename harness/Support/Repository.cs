namespace Tidemark.Harness.Support;

/// <summary>The working copy the tests were built from.</summary>
internal static class Repository
{
    private static readonly Lazy<string> Found = new(Find);

    /// <summary>The folder of <c>Native.sln</c>.</summary>
    public static string Root => Found.Value;

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Native.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No Native.sln above {AppContext.BaseDirectory}: run the tests from a working copy.");
    }
}
