using System.Diagnostics;
using Xunit;

namespace Tidemark.Harness.Support;

/// <summary>A server of others that runs beside a test until it is disposed.</summary>
internal sealed class BackgroundTool : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process process;

    private BackgroundTool(Process process) => this.process = process;

    /// <summary>Starts a server and waits until its Unix socket is there.</summary>
    public static BackgroundTool StartAt(string socket, string name, params string[] arguments)
    {
        var tool = new BackgroundTool(Process.Start(new ProcessStartInfo(Tool.Find(name)!, arguments) { UseShellExecute = false })!);
        for (var began = Stopwatch.GetTimestamp(); !File.Exists(socket); Thread.Sleep(10))
        {
            Assert.False(tool.process.HasExited, $"{name} ended with {(tool.process.HasExited ? tool.process.ExitCode : 0)}");
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience, $"{name} made no {socket}");
        }

        return tool;
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
