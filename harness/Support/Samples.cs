using Xunit;

namespace Tidemark.Harness.Support;

/// <summary>
/// Disks of others that aren't part of the project: files in a folder <c>data/NAME</c> of TIDEMARK_SAMPLES or, without that, of
/// any folder beside the project's.
/// </summary>
internal static class Samples
{
    public const string Variable = "TIDEMARK_SAMPLES";

    /// <summary>The path of a file of samples; skips the test where it isn't there.</summary>
    public static string Require(string folder, string file)
    {
        var beside = Path.GetDirectoryName(Repository.Root);
        IEnumerable<string> places = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? [given]
            : beside is null ? [] : Directory.EnumerateDirectories(beside);
        var path = places.Select(place => Path.Combine(place, "data", folder, file)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, $"Needs {file}, which is no part of the project: its folder {folder} is looked for under {Variable}.");
        return path!;
    }
}
