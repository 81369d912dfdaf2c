using System.ComponentModel;
using System.Diagnostics;

namespace Tidemark.Engine.Devices.VirtualDisks.Qcow2;

/// <summary>
/// The disk in a qcow2 file and its backing files, read with qemu's own reader: <c>qemu-img</c> makes a sparse raw file of
/// it in the folder for temporary files, which is removed with this device.
/// </summary>
internal static class QemuDisk
{
    private const string Program = "qemu-img";

    /// <exception cref="TidemarkException">qemu-img isn't there, or can't read the file.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left.</exception>
    public static BlockDevice Open(string path, CancellationToken cancellation)
    {
        Qcow2Chain.RequireFiles(path);
        var folder = Directory.CreateTempSubdirectory("tidemark-import-").FullName;
        try
        {
            var raw = Path.Combine(folder, "disk.raw");
            Convert(path, raw, cancellation);
            return new TemporaryDevice(RawDevice.OpenRead(raw), folder, path);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    private static void Convert(string path, string raw, CancellationToken cancellation)
    {
        // The path as a file's, whatever characters are in it.
        var start = new ProcessStartInfo(Program, ["convert", "-f", "qcow2", "-O", "raw", "--", Path.GetFullPath(path), raw])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        };
        using var process = Start(start, path);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            process.WaitForExitAsync(cancellation).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            process.WaitForExit();
            throw;
        }

        if (process.ExitCode != 0)
        {
            throw TidemarkException.Failed($"{Program} can't read {path}: {error.Result.Trim()}");
        }
    }

    private static Process Start(ProcessStartInfo start, string path)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw TidemarkException.Failed(
                $"{path} is a qcow2 file, which is read with {Program}, and that can't be started: {e.Message}. Install qemu's tools (Debian: qemu-utils).", e);
        }
    }

    /// <summary>A file that goes away with its device.</summary>
    private sealed class TemporaryDevice(RawDevice file, string folder, string name) : BlockDevice
    {
        public override string Name => name;

        public override DeviceGeometry Geometry => file.Geometry;

        public override void ReadAt(long offset, Span<byte> buffer) => file.ReadAt(offset, buffer);

        public override DeviceExtent ExtentAt(long offset) => file.ExtentAt(offset);

        public override bool IsCached() => file.IsCached();

        public override Io.IoQueue OpenQueue(Io.IoQueueOptions options) => file.OpenQueue(options);

        protected override void Dispose(bool disposing)
        {
            file.Dispose();
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            base.Dispose(disposing);
        }
    }
}
