using Tidemark.Engine.Booting;
using Tidemark.Engine.Locations;
using Tidemark.Engine.Operations.Points;
using Tidemark.Engine.Operations.Servers;
using Tidemark.Engine.Programs;
using Tidemark.Engine.Progress;

namespace Tidemark.Engine.Operations.BootChecks;

/// <summary>Whether an image boots: tried in a virtual machine whose writes are thrown away. Linux only.</summary>
public static class BootCheck
{
    /// <exception cref="TidemarkException">The image can't be booted here; the message names what is missing.</exception>
    public static BootCheckResult Run(BootCheckRequest request, IRunObserver observer, CancellationToken cancellation)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw TidemarkException.WrongUse(
                "'tidemark bootcheck' needs Linux and QEMU. Here, 'tidemark export' makes a VHDX that Hyper-V boots.");
        }

        // Before anything is read: what is missing is said at once.
        QemuMachine.Program.Require("Booting an image");
        if (request.Efi == true)
        {
            FirmwareFiles.Find();
        }

        using var image = ServedImage.Open(request.Image, request.Key, observer.Warn);
        if (request.Screenshot is { } file)
        {
            OutputPath.Require(file);
            ChainGuard.Require(file, image.Location);
        }

        var folder = RuntimeFolder.Create();
        try
        {
            var socket = Path.Combine(folder, "disk");
            using var server = image.Start(socket);
            var efi = request.Efi ?? BootLayout.WantsEfi(image.Device);
            using var screenshot = request.Screenshot is { } path ? new FileStream(path, FileMode.Create, FileAccess.Write) : null;
            var report = BootWatch.Run(
                new MachineOptions(socket, folder, request.MemoryBytes, efi, request.Bus, ""), request.Expect, request.Timeout, screenshot,
                observer, cancellation);
            return new BootCheckResult
            {
                Chain = image.Chain,
                Sequence = image.Sequence,
                Sign = report.Sign,
                Reason = report.Reason,
                Efi = efi,
                Accelerator = report.Accelerator,
                Resets = report.Resets,
                Seconds = report.Seconds,
                GuestReadBytes = report.Traffic.ReadBytes,
                GuestWrittenBytes = report.Traffic.WrittenBytes,
                Console = report.Console,
                Screenshot = report.HasScreenshot ? Path.GetFullPath(request.Screenshot!) : null,
            };
        }
        finally
        {
            RuntimeFolder.Remove(folder);
        }
    }
}
