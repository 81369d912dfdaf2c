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
    /// <param name="folder">Where the file and the flag are.</param>
    /// <param name="disk">What the file shows.</param>
    /// <param name="rate">How many of the reads fail.</param>
    /// <param name="map">GNU ddrescue's map of sectors that fail always, whatever the flag; null for none.</param>
    public static FailingFile Serve(TempFolder folder, string disk, string rate = "100%", string? map = null)
    {
        var path = folder.At("failing");
        var flag = folder.At("flag");
        File.WriteAllText(path, "");
        var start = new ProcessStartInfo(
            Tool.Find("nbdfuse")!,
            [
                path, "--command", "nbdkit", "-s", "--filter=error", "file", disk, $"error-pread-rate={rate}", $"error-file={flag}",
                .. map is null ? [] : new[] { "--filter=ddrescue", $"ddrescue-mapfile={map}" },
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
            if (clock.Elapsed > Patience.Limit)
            {
                served.Dispose();
                Assert.Fail("nbdfuse doesn't serve the file");
            }

            Thread.Sleep(50);
        }

        return served;
    }

    /// <summary>From now on every request fails, and the file never comes back.</summary>
    public void Kill() => server.Kill(entireProcessTree: true);

    public void Dispose()
    {
        // What is still open in it goes with its last user.
        if (Tool.Try("umount", Path).ExitCode != 0)
        {
            Tool.Try("umount", "--lazy", Path);
        }

        server.WaitForExit(Patience.Limit);
        server.Dispose();
    }
}
