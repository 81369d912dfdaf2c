using System.Runtime.InteropServices;
using Xunit;

namespace Tidemark.Harness.Support;

/// <summary>Wine, where the tests of Windows run on Linux.</summary>
internal static class Wine
{
    public static bool Is => OperatingSystem.IsWindows() && NativeLibrary.TryLoad("ntdll.dll", out var ntdll)
        && NativeLibrary.TryGetExport(ntdll, "wine_get_version", out _);

    /// <summary>Skips the test under Wine.</summary>
    /// <param name="what">What Wine lacks for it.</param>
    public static void Lacks(string what) => Assert.SkipWhen(Is, $"Wine lacks {what}.");
}
