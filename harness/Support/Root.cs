using Xunit;

namespace Tidemark.Harness.Support;

/// <summary>The right to attach loop devices and to mount.</summary>
internal static class Root
{
    public static bool Is => OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess;

    /// <summary>Skips the test unless it runs as root on Linux with loop devices.</summary>
    public static void Require()
    {
        Assert.SkipUnless(Is, "Needs root on Linux.");
        Assert.SkipUnless(File.Exists("/dev/loop-control"), "Needs loop devices (/dev/loop-control isn't there).");
    }
}
