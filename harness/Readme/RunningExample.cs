using System.Diagnostics;
using System.Globalization;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.Readme;

/// <summary>A command that runs until it is ended, as its user ends it.</summary>
internal sealed class RunningExample : IDisposable
{
    private readonly Process process;

    /// <param name="script">What the shell reads; it becomes the command.</param>
    public RunningExample(string script)
    {
        process = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        var line = process.StandardOutput.ReadLineAsync();
        Assert.True(line.Wait(Patience.Limit) && line.Result is not null, $"No line of {script}");
        FirstLine = line.Result;
    }

    /// <summary>What it said first.</summary>
    public string FirstLine { get; }

    /// <summary>Ends it in order, by a signal.</summary>
    public void End(string signal = "TERM", int exitCode = 0)
    {
        Tool.Run("kill", $"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture));
        Assert.True(process.WaitForExit(Patience.Limit), "It goes on.");
        Assert.Equal(exitCode, process.ExitCode);
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }

        process.Dispose();
    }
}
