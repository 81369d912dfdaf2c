using System.Diagnostics;
using Tidemark.Harness.Support;
using Xunit;

namespace Tidemark.Harness.CommandLine;

/// <summary>A file whose reads fail with EIO while a flag file exists: an NBD export through FUSE.</summary>
internal sealed class FailingFile : IDisposable
{
    private readonly Process server;

    private FailingFile(Process server, string path, string flag)
    {
        this.server = server;
        Path = path;
        Flag = flag;
    }

    public string Path { get; }

    /// <summary>While a file of this name exists, every read fails.</summary>
    public string Flag { get; }

    /// <summary>Needs root, FUSE, nbdkit and nbdfuse.</summary>
    public static FailingFile Serve(TempFolder folder, string disk)
    {
        var path = folder.At("failing");
        var flag = folder.At("flag");
        File.WriteAllText(path, "");
        var start = new ProcessStartInfo(
            Tool.Find("nbdfuse")!,
            [
                path, "--command", "nbdkit", "-s", "--filter=error", "file", disk, "error-pread-rate=100%", $"error-file={flag}",
            ])
        {
            RedirectStandardError = true,
        };
        var server = Process.Start(start)!;
        // Every injected error is two lines there; they are taken and forgotten.
        server.BeginErrorReadLine();
        var served = new FailingFile(server, path, flag);
        var clock = Stopwatch.StartNew();
        while (new FileInfo(path).Length != new FileInfo(disk).Length)
        {
            if (clock.Elapsed > TimeSpan.FromSeconds(20))
            {
                served.Dispose();
                Assert.Fail("nbdfuse doesn't serve the file");
            }

            Thread.Sleep(50);
        }

        return served;
    }

    public void Dispose()
    {
        Tool.Try("umount", Path);
        server.WaitForExit(TimeSpan.FromSeconds(10));
        server.Dispose();
    }
}
