using System.Diagnostics;
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

    /// <summary>Longer than opening a long chain of backing files on a slow disk takes.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Connections tried, a <see cref="Pause"/> apart: listening follows the socket's making within microseconds.</summary>
    private const int Attempts = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly string path;
    private readonly string folder;
    private readonly Process server;
    private readonly NbdDevice device;

    private QemuDisk(string path, string folder, Process server, NbdDevice device)
    {
        this.path = path;
        this.folder = folder;
        this.server = server;
        this.device = device;
    }

    public override string Name => path;

    public override DeviceGeometry Geometry => device.Geometry;

    /// <exception cref="TidemarkException">qemu-nbd isn't there, or can't read the file.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left.</exception>
    public static QemuDisk Open(string path, CancellationToken cancellation)
    {
        Qcow2Chain.RequireFiles(path);
        Server.Require($"Reading the qcow2 file {path}");

        // A folder of one's own keeps everybody else from the socket.
        var folder = Directory.CreateTempSubdirectory("tidemark-import-").FullName;
        Process? server = null;
        try
        {
            var socket = Path.Combine(folder, "disk");
            server = Server.Start(["--read-only", "--format=qcow2", $"--socket={socket}", "--", Path.GetFullPath(path)]);
            server.StandardInput.Close();
            WaitFor(socket, server, path, cancellation);
            return new QemuDisk(path, folder, server, Connect(new NbdAddress(null, 0, socket, ""), server));
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
        base.Dispose(disposing);
    }

    // The socket is made when the file is open and clients are listened for; a file that can't be read ends the server.
    private static void WaitFor(string socket, Process server, string path, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        while (!File.Exists(socket))
        {
            cancellation.ThrowIfCancellationRequested();
            if (server.WaitForExit(TimeSpan.FromMilliseconds(10)) && !File.Exists(socket))
            {
                throw TidemarkException.Failed($"{Server.Name} can't read {path}: {server.StandardError.ReadToEnd().Trim()}");
            }

            if (clock.Elapsed > Patience)
            {
                throw TidemarkException.Failed($"{Server.Name} didn't open {path} within {Patience.TotalSeconds:0} s and was stopped.");
            }
        }
    }

    // The socket stands a moment before its server listens at it.
    private static NbdDevice Connect(NbdAddress address, Process server)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return NbdDevice.Open(address, write: false);
            }
            catch (TidemarkException) when (attempt < Attempts && !server.HasExited)
            {
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

        Directory.Delete(folder, recursive: true);
    }
}
