using System.Diagnostics;
using Xunit;

namespace Tidemark.Harness.Support;

/// <summary>A server of others that runs beside a test until it is disposed.</summary>
internal sealed class BackgroundTool : IDisposable
{
    private readonly Process process;

    private BackgroundTool(Process process) => this.process = process;

    /// <summary>Starts a server and waits until its Unix socket takes clients, or the file with its process id is written.</summary>
    public static BackgroundTool StartAt(string socket, string name, params string[] arguments)
    {
        var tool = new BackgroundTool(Process.Start(new ProcessStartInfo(Tool.Find(name)!, arguments) { UseShellExecute = false })!);
        for (var began = Stopwatch.GetTimestamp(); !IsReady(socket); Thread.Sleep(10))
        {
            Assert.False(tool.process.HasExited, $"{name} ended with {(tool.process.HasExited ? tool.process.ExitCode : 0)}");
            Assert.True(Stopwatch.GetElapsedTime(began) < Patience.Limit, $"{name} made no {socket}");
        }

        return tool;
    }

    // A socket has a name before anybody listens there, and to ask it would be to be a client.
    private static bool IsReady(string path)
    {
        const string Listening = " 00010000 ";
        return File.Exists(path) && (new FileInfo(path).Length > 0
            || File.ReadLines("/proc/net/unix").Any(line => line.EndsWith(" " + path, StringComparison.Ordinal) && line.Contains(Listening, StringComparison.Ordinal)));
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
