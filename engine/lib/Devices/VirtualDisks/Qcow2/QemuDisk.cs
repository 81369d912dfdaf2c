using System.Diagnostics;
using System.Net.Sockets;
using Tidemark.Engine.Devices.Nbd;
using Tidemark.Engine.Io;
using Tidemark.Engine.Programs;

namespace Tidemark.Engine.Devices.VirtualDisks.Qcow2;

/// <summary>
/// The disk in a qcow2 file and its backing files, read with qemu's own reader: <c>qemu-nbd</c> serves it, read-only, at a
/// socket that nobody else can reach, and ends with this device.
/// </summary>
internal sealed class QemuDisk : BlockDevice
{
    private static readonly SystemProgram Server = new("qemu-nbd", "qemu-utils");

    /// <summary>A server that loses its client's connection because it can't go on ends within moments of it.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    private readonly string path;
    private readonly Qcow2Tree tree;
    private readonly string folder;
    private readonly Process server;
    private readonly NbdDevice device;

    private QemuDisk(string path, Qcow2Tree tree, string folder, Process server, NbdDevice device)
    {
        this.path = path;
        this.tree = tree;
        this.folder = folder;
        this.server = server;
        this.device = device;
    }

    public override string Name => path;

    public override DeviceGeometry Geometry => device.Geometry;

    /// <param name="path">The file.</param>
    /// <param name="given">What the user gave beside it, which it may name.</param>
    /// <param name="wait">Ends the wait.</param>
    /// <exception cref="TidemarkException">qemu-nbd isn't there, or can't read the file, with its own reason, or a file that it names may not be read.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left.</exception>
    public static QemuDisk Open(string path, IReadOnlyList<GivenFile> given, ProgramWait wait)
    {
        var tree = Qcow2Tree.Open(path, given);
        try
        {
            return Open(path, tree, wait);
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }

    private static QemuDisk Open(string path, Qcow2Tree tree, ProgramWait wait)
    {
        Server.Require($"Reading the qcow2 file {path}");

        // A folder of one's own keeps everybody else from the socket.
        var folder = RuntimeFolder.Create();
        Process? server = null;
        try
        {
            var socket = Path.Combine(folder, "disk");
            server = Server.Start(["--read-only", $"--socket={socket}", "--", tree.ToFileName()]);
            server.StandardInput.Close();
            // Read as it comes: a pipe that is full would hold it up.
            var complaints = OwnThread.Read(server.StandardError);
            return new QemuDisk(path, tree, folder, server, Connect(new NbdAddress(null, 0, socket, ""), server, complaints, path, wait));
        }
        catch
        {
            End(server, folder);
            throw;
        }
    }

    public override void ReadAt(long offset, Span<byte> buffer) => device.ReadAt(offset, buffer);

    public override string? WhyGone(int error) => device.WhyGone(error) is { } broken
        ? server.HasExited ? $"{Server.Name}, which reads it, has ended" : broken
        : null;

    public override DeviceExtent ExtentAt(long offset) => device.ExtentAt(offset);

    public override IoQueue OpenQueue(IoQueueOptions options) => device.OpenQueue(options);

    protected override void Dispose(bool disposing)
    {
        device.Dispose();
        End(server, folder);
        tree.Dispose();
        base.Dispose(disposing);
    }

    // It listens before it has opened the file, answers when it has, and ends where it can't.
    private static NbdDevice Connect(NbdAddress address, Process server, Task<string> complaints, string path, ProgramWait wait)
    {
        NbdDevice? device = null;
        // Its end ends a wait for its answer too.
        using var ended = wait.Cancellation.Register(() => SystemProgram.Stop(server));
        var connecting = OwnThread.Run("connection", () => ConnectOnce(address, server));
        try
        {
            wait.Until(Server.Name, slice => connecting.Wait(slice));
            device = connecting.Result;
            wait.Cancellation.ThrowIfCancellationRequested();
            return device;
        }
        catch (AggregateException e) when (e.InnerException is TidemarkException problem)
        {
            wait.Cancellation.ThrowIfCancellationRequested();
            if (!server.WaitForExit(EndPatience))
            {
                throw TidemarkException.Failed($"{Server.Name} doesn't serve {path}: {problem.Message}", problem);
            }

            var text = complaints.Wait(EndPatience, CancellationToken.None) ? complaints.Result.Trim() : "";
            var reason = text.Length > 0 ? text.ReplaceLineEndings("; ") : $"it ended with {server.ExitCode}, without a word.";
            throw TidemarkException.Failed($"{Server.Name} can't read {path}: {reason}", problem);
        }
        catch (OperationCanceledException)
        {
            device?.Dispose();
            throw;
        }
    }

    // The socket comes a moment after the start, and its server listens a moment after that.
    private static NbdDevice ConnectOnce(NbdAddress address, Process server)
    {
        while (true)
        {
            var isThere = File.Exists(address.Socket);
            try
            {
                return NbdDevice.Open(address, write: false, isPatient: true);
            }
            catch (TidemarkException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.AddressNotAvailable } or FileNotFoundException
                || !isThere)
            {
                if (server.HasExited)
                {
                    throw;
                }

                Thread.Sleep(Pause);
            }
        }
    }

    private static void End(Process? server, string folder)
    {
        if (server is not null)
        {
            SystemProgram.Stop(server);
            server.Dispose();
        }

        RuntimeFolder.Remove(folder);
    }
}
