using Xunit;

namespace Tidemark.Harness.Booting;

/// <summary>Debian's kernel for clouds, unpacked from its package into a folder; harness/test does that.</summary>
internal static class GuestKernel
{
    private const string Variable = "TIDEMARK_KERNEL";

    /// <summary>The kernel itself.</summary>
    public static string Image => Find("vmlinuz-*");

    private static string? Folder => Environment.GetEnvironmentVariable(Variable);

    /// <summary>Skips the test unless it is here.</summary>
    public static void Require() => Assert.SkipUnless(
        Directory.Exists(Folder), $"Needs Debian's kernel for clouds, unpacked into the folder that {Variable} names.");

    /// <summary>A file of it, such as a module.</summary>
    public static string Find(string pattern) => Directory.EnumerateFiles(Folder!, pattern, SearchOption.AllDirectories).First();
}
