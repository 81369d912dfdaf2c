using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Tidemark.Engine.Programs;

namespace Tidemark.Engine.Booting;

/// <summary>
/// A virtual machine of QEMU that boots from an NBD server, without network and without a window. Its serial console is
/// collected; the firmware and boot loaders of a BIOS write theirs there as well.
/// </summary>
internal sealed class QemuMachine : IDisposable
{
    public static SystemProgram Program { get; } = new("qemu-system-x86_64", "qemu-system-x86");

    private readonly Process process;
    private readonly Thread reader;
    private readonly Task<string> complaints;
    private QmpConnection? monitor;

    private QemuMachine(Process process)
    {
        this.process = process;
        complaints = OwnThread.Read(process.StandardError);
        reader = new Thread(ReadConsole) { IsBackground = true, Name = "Console" };
        reader.Start();
    }

    public ConsoleText Console { get; } = new();

    public bool IsRunning => !process.HasExited;

    /// <summary>What the machine said about its own end.</summary>
    public string Complaint
    {
        get
        {
            var text = complaints.Wait(TimeSpan.FromSeconds(2)) ? complaints.Result : "";
            // The last line is the cause; warnings go before it.
            return text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "without a word";
        }
    }

    /// <summary>Starts a machine; the guest runs when this returns.</summary>
    /// <returns>Null with the reason where the machine ended before its guest began.</returns>
    public static QemuMachine? TryStart(MachineOptions options, CancellationToken cancellation, out string problem)
    {
        var socket = Path.Combine(options.Folder, "monitor");
        File.Delete(socket);
        var arguments = Arguments(options, socket);
        Program.Require("Booting an image");
        var machine = new QemuMachine(Program.Start(arguments));
        try
        {
            machine.monitor = QmpConnection.TryConnect(socket, () => machine.IsRunning, cancellation);
            if (machine.monitor?.Execute("cont") is not null && machine.StaysUp(cancellation))
            {
                problem = "";
                return machine;
            }

            SystemProgram.Stop(machine.process);
            problem = machine.Complaint;
            machine.Dispose();
            return null;
        }
        catch
        {
            machine.Dispose();
            throw;
        }
    }

    /// <summary>The next event; null where none waits.</summary>
    public JsonElement? TakeEvent() => monitor!.TakeEvent();

    /// <summary>Bytes that the guest read, and bytes and requests that it wrote.</summary>
    public DiskTraffic? QueryTraffic()
    {
        if (monitor!.Execute("query-blockstats", writer => writer.WriteBoolean("query-nodes", false)) is not { ValueKind: JsonValueKind.Array } disks)
        {
            return null;
        }

        foreach (var disk in disks.EnumerateArray())
        {
            if (disk.TryGetProperty("qdev", out var device) && device.GetString()?.Contains("bootdisk", StringComparison.Ordinal) == true)
            {
                var stats = disk.GetProperty("stats");
                return new DiskTraffic(
                    stats.GetProperty("rd_bytes").GetInt64(), stats.GetProperty("wr_bytes").GetInt64(), stats.GetProperty("wr_operations").GetInt64());
            }
        }

        return null;
    }

    /// <summary>Writes what the guest shows as PNG; false where the machine gives no picture.</summary>
    public bool TryTakeScreenshot(string folder, Stream png)
    {
        var dump = Path.Combine(folder, "screen.ppm");
        if (monitor!.Execute("screendump", writer => writer.WriteString("filename", dump)) is null || !File.Exists(dump))
        {
            return false;
        }

        return Screenshot.TryWritePng(File.ReadAllBytes(dump), png);
    }

    public void Dispose()
    {
        monitor?.Dispose();
        SystemProgram.Stop(process);
        reader.Join(TimeSpan.FromSeconds(5));
        process.Dispose();
    }

    private static List<string> Arguments(MachineOptions options, string socket)
    {
        var megabytes = (options.MemoryBytes >> 20).ToString(CultureInfo.InvariantCulture);
        List<string> arguments =
        [
            // Without graphics in the machine's own sense firmware and boot loaders of a BIOS write to the serial port too.
            "-machine", $"{(options.Bus == DiskBus.Ide ? "pc" : "q35")},graphics=off", "-accel", options.Accelerator,
            "-cpu", options.Accelerator == "kvm" ? "host" : "max", "-smp", "2", "-m", megabytes,
            // The image's system is somebody's real one: it gets no network, and the machine no more rights.
            "-nodefaults", "-no-user-config", "-nic", "none", "-display", "none", "-vga", "std",
            "-sandbox", "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny",
            "-device", "pvpanic", "-device", "virtio-rng-pci",
            "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
            "-chardev", $"socket,id=monitor,path={Escaped(socket)},server=on,wait=off", "-mon", "chardev=monitor,mode=control",
            // Halted where it ends, so that the last screen can be looked at; paused until the monitor listens.
            "-action", "panic=pause,shutdown=pause", "-S",
            "-blockdev", $"driver=nbd,node-name=image,server.type=unix,server.path={Escaped(options.DiskSocket)}",
            "-device", Device(options.Bus),
        ];
        if (options.Efi)
        {
            var firmware = FirmwareFiles.Find();
            var variables = Path.Combine(options.Folder, "variables");
            File.Copy(firmware.Variables, variables, overwrite: true);
            arguments.AddRange(
            [
                "-drive", $"if=pflash,format=raw,unit=0,readonly=on,file={Escaped(firmware.Code)}",
                "-drive", $"if=pflash,format=raw,unit=1,file={Escaped(variables)}",
            ]);
        }

        return arguments;
    }

    private static string Device(DiskBus bus)
    {
        const string Disk = "drive=image,id=bootdisk,bootindex=1,werror=report,rerror=report";
        return bus switch
        {
            DiskBus.Virtio => $"virtio-blk-pci,{Disk}",
            DiskBus.Nvme => "nvme,drive=image,id=bootdisk,bootindex=1,serial=tidemark",
            DiskBus.Ide => $"ide-hd,{Disk}",
            _ => $"ide-hd,{Disk},bus=ide.0",
        };
    }

    // In values a comma is doubled.
    private static string Escaped(string value) => value.Replace(",", ",,", StringComparison.Ordinal);

    // Accelerators that a nested host only half supports give up with the guest's first instructions.
    private bool StaysUp(CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        while (clock.ElapsedMilliseconds < 300)
        {
            cancellation.ThrowIfCancellationRequested();
            if (process.WaitForExit(TimeSpan.FromMilliseconds(20)))
            {
                return false;
            }
        }

        return true;
    }

    private void ReadConsole()
    {
        var buffer = new char[4096];
        using var output = new StreamReader(process.StandardOutput.BaseStream, new UTF8Encoding(false));
        try
        {
            while (output.Read(buffer) is > 0 and var count)
            {
                Console.Add(buffer.AsSpan(0, count));
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The machine was ended.
        }
    }
}

/// <summary>What a guest did with its disk since it began.</summary>
internal readonly record struct DiskTraffic(long ReadBytes, long WrittenBytes, long Writes);
