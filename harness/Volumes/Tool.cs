using System.Diagnostics;
using Xunit;

namespace Tidemark.Harness.Volumes;

/// <summary>Runs the real tools that make and judge volumes.</summary>
internal static class Tool
{
    private static readonly string[] Folders =
        OperatingSystem.IsWindows() ? [] : ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/bin"];

    /// <summary>Runs a tool that must succeed and returns what it printed; skips the test where the tool is missing.</summary>
    public static string Run(string name, params string[] arguments)
    {
        var (code, output) = TryRun(name, arguments);
        Assert.True(code == 0, $"{name} {string.Join(' ', arguments)} ended with {code}: {output}");
        return output;
    }

    public static (int Code, string Output) TryRun(string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(name), arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? output : output + errors.Result);
    }

    /// <summary>Runs a tool with text on its standard input.</summary>
    public static void RunWithInput(string input, string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(name), arguments) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    public static void NeedRoot()
    {
        if (!OperatingSystem.IsLinux() || Environment.UserName != "root" || !File.Exists("/dev/loop-control"))
        {
            Assert.Skip("Loop devices and mounts need Linux and root.");
        }
    }

    private static string Find(string name)
    {
        var path = Folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (path is null)
        {
            Assert.Skip($"The tool {name} isn't installed.");
        }

        return path;
    }
}
