using Xunit;

namespace Tidemark.Harness.Support;

/// <summary>Tests of one system's own code.</summary>
internal static class OnlyOn
{
    public static void Linux() => Assert.SkipUnless(OperatingSystem.IsLinux(), "Tests what only Linux has.");

    public static void Windows() => Assert.SkipUnless(OperatingSystem.IsWindows(), "Tests what only Windows has.");
}
