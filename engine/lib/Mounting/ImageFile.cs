using System.Diagnostics;
using Tidemark.Engine.Programs;

namespace Tidemark.Engine.Mounting;

/// <summary>Starts an NBD server on a Unix socket; it ends when what it returns is disposed.</summary>
internal delegate IDisposable StartServer(string socket);

/// <summary>
/// A served image as a file of this system: an NBD server on a private socket and nbdfuse in front of it. What is written
/// to the file goes where the server puts it, never to the image.
/// </summary>
internal sealed class ImageFile : IDisposable
{
    /// <summary>The name of the file in its folder.</summary>
    public const string Name = "disk.img";

    private readonly IDisposable server;
    private readonly Process process;
    private readonly Task<string> complaints;

    private ImageFile(string path, IDisposable server, Process process)
    {
        Path = path;
        this.server = server;
        this.process = process;
        // Read as it comes: a pipe that is full would hold it up.
        complaints = OwnThread.Read(process.StandardError);
    }

    /// <summary>The file's full path.</summary>
    public string Path { get; }

    /// <summary>Whether the file is still served: nobody unmounted it, and nothing died.</summary>
    public bool IsServed => !process.HasExited;

    /// <param name="folder">A private folder for the file and the socket.</param>
    /// <param name="start">Starts the server.</param>
    /// <param name="wait">How nbdfuse is waited for.</param>
    /// <exception cref="TidemarkException">nbdfuse or FUSE isn't here, or doesn't come up; with its own reason.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left.</exception>
    public static ImageFile Open(string folder, StartServer start, ProgramWait wait)
    {
        MountPrograms.NbdFuse.Require("An image as a file");
        if (!File.Exists("/dev/fuse"))
        {
            throw TidemarkException.Failed(
                "An image as a file needs FUSE, which this system doesn't have (/dev/fuse): load the module fuse, or give the container that device.");
        }

        var path = System.IO.Path.Combine(folder, Name);
        var socket = System.IO.Path.Combine(folder, "server");
        var server = start(socket);
        Process process;
        try
        {
            File.WriteAllBytes(path, []);
            process = MountPrograms.NbdFuse.Start([path, "--unix", socket]);
        }
        catch
        {
            server.Dispose();
            throw;
        }

        // From here on the file owns both.
        var file = new ImageFile(path, server, process);
        try
        {
            wait.Until(MountPrograms.NbdFuse.Name, file.IsMounted);
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Takes such a file off its path; lazily where someone still holds it and <paramref name="force"/> is set.</summary>
    /// <returns>Null, or why not.</returns>
    public static string? TryUnmount(string path, bool force)
    {
        var program = MountPrograms.FuseUnmount.Exists ? MountPrograms.FuseUnmount : MountPrograms.Unmount;
        string[] arguments = program == MountPrograms.FuseUnmount ? ["-u", path] : [path];
        var result = program.Run(arguments, ProgramWait.Silent);
        if (result.ExitCode != 0 && force)
        {
            result = program.Run([program == MountPrograms.FuseUnmount ? "-uz" : "--lazy", path], ProgramWait.Silent);
        }

        return result.ExitCode == 0 ? null : result.Complaint;
    }

    /// <summary>Unmounts the file and ends the server.</summary>
    public void Dispose()
    {
        if (IsServed && TryUnmount(Path, force: true) is not null)
        {
            SystemProgram.Stop(process);
        }

        if (!process.WaitForExit(TimeSpan.FromSeconds(5)))
        {
            SystemProgram.Stop(process);
        }

        // A server that died left the path in a state that only another unmount ends.
        if (!IsFree(Path))
        {
            TryUnmount(Path, force: true);
        }

        process.Dispose();
        server.Dispose();
        try
        {
            File.Delete(Path);
        }
        catch (IOException)
        {
            // Still mounted for somebody; "unmount" says so.
        }
    }

    private static bool IsFree(string path)
    {
        try
        {
            // Zero bytes is the file beneath; a dead mount can't even be asked.
            return File.Exists(path) && new FileInfo(path).Length == 0;
        }
        catch (IOException)
        {
            return false;
        }
    }

    private bool IsMounted(TimeSpan slice)
    {
        if (new FileInfo(Path).Length > 0)
        {
            return true;
        }

        if (process.WaitForExit(slice))
        {
            var text = complaints.Wait(TimeSpan.FromSeconds(1), CancellationToken.None) ? complaints.Result.Trim() : "";
            var reason = text.Length > 0 ? text.ReplaceLineEndings("; ").TrimEnd('.') : $"it ended with {process.ExitCode}, without a word";
            throw TidemarkException.Failed($"The image doesn't become a file, since {MountPrograms.NbdFuse.Name} fails: {reason}.");
        }

        return false;
    }
}
