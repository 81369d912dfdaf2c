using System.Diagnostics;
using Xunit;

namespace Tidemark.Harness.VirtualDisks;

/// <summary>qemu-img and qemu-io, the independent judges. Tests are skipped where they aren't installed.</summary>
internal static class Qemu
{
    public static string Img(params string[] arguments) => Run("qemu-img", arguments);

    public static string Io(string format, string path, params string[] commands)
    {
        var arguments = new List<string> { "-f", format };
        foreach (var command in commands)
        {
            arguments.AddRange(["-c", command]);
        }

        return Run("qemu-io", [.. arguments, path]);
    }

    private static string Run(string program, string[] arguments)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        process.WaitForExit();
        Assert.True(
            process.ExitCode == 0,
            $"{program} {string.Join(' ', arguments)} failed: {errors.Result}{output.Result}");
        return output.Result;
    }

    private static Process Start(string program, string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments)
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is not installed (Debian package qemu-utils)");
            throw;
        }
    }
}
