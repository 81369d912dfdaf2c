using System.Diagnostics;
using System.Globalization;
using Tidemark.Harness.Support;

namespace Tidemark.Harness.CommandLine;

/// <summary>The real program while it runs: what happens to it is the test's. Killed with the test.</summary>
internal sealed class RunningCli : IDisposable
{
    private readonly Process process;
    private readonly Task<string> output;
    private readonly Task<string> error;

    private RunningCli(Process process)
    {
        this.process = process;
        output = process.StandardOutput.ReadToEndAsync();
        error = process.StandardError.ReadToEndAsync();
    }

    public int Id => process.Id;

    public bool HasEnded => process.HasExited;

    public static RunningCli Start(params string[] arguments)
    {
        var (program, leading) = TidemarkCli.Command;
        return new RunningCli(Process.Start(new ProcessStartInfo(program, [.. leading, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
    }

    /// <summary>Sends a signal; one that has ended gets none.</summary>
    public void Signal(string name) => Tool.Try("kill", "-s", name, process.Id.ToString(CultureInfo.InvariantCulture));

    /// <summary>Ends it as the end of the machine would: without a word.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    /// <summary>Waits for its end.</summary>
    /// <exception cref="TimeoutException">It doesn't end.</exception>
    public CliResult End()
    {
        if (!process.WaitForExit(Patience.Limit))
        {
            throw new TimeoutException($"The program goes on after {Patience.Limit.TotalSeconds} s.");
        }

        var result = new ToolResult(string.Join(' ', process.StartInfo.ArgumentList), process.ExitCode, output.Result, error.Result);
        return new CliResult(result, process.StartInfo.ArgumentList.Contains("--json") ? TidemarkCli.Events(result) : []);
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
    }
}
