using System.Diagnostics;
using System.Text.Json;
using Tidemark.Engine.Progress;

namespace Tidemark.Engine.Booting;

/// <summary>Boots a machine and watches it until it lives or doesn't.</summary>
internal sealed class BootWatch
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100);

    /// <summary>How often the machine is asked for its disk's counters.</summary>
    private static readonly TimeSpan TrafficInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>What a report shows of the console; a crash's last words fit.</summary>
    private const int ConsoleLines = 25;

    private readonly MachineOptions options;
    private readonly BootSigns signs;
    private readonly double timeout;
    private readonly Stopwatch clock = new();
    private DiskTraffic traffic;
    private double nextTraffic;

    private BootWatch(MachineOptions options, string? expected, TimeSpan timeout)
    {
        this.options = options;
        this.timeout = timeout.TotalSeconds;
        signs = new BootSigns(expected);
    }

    /// <summary>Boots with the fastest accelerator that works here.</summary>
    /// <param name="options">The machine; its accelerator is the last resort.</param>
    /// <param name="expected">What the console must say; null for any sign of life.</param>
    /// <param name="timeout">How long to wait for a sign of life.</param>
    /// <param name="screenshot">Where the last screen goes as PNG, or null.</param>
    /// <param name="observer">Is told what couldn't be done.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static BootReport Run(
        MachineOptions options, string? expected, TimeSpan timeout, Stream? screenshot, IRunObserver observer, CancellationToken cancellation)
    {
        var problem = "";
        foreach (var accelerator in Accelerators())
        {
            var watch = new BootWatch(options with { Accelerator = accelerator }, expected, timeout);
            watch.clock.Start();
            using var machine = QemuMachine.TryStart(watch.options, cancellation, out problem);
            if (machine is not null)
            {
                return watch.Watch(machine, screenshot, observer, cancellation);
            }
        }

        throw TidemarkException.Failed($"The virtual machine doesn't start: {problem}.");
    }

    // KVM in a guest of KVM may be there and not work; then emulation does.
    private static IEnumerable<string> Accelerators()
    {
        if (OperatingSystem.IsLinux() && CanOpen("/dev/kvm"))
        {
            yield return "kvm";
        }

        yield return "tcg";
    }

    private static bool CanOpen(string device)
    {
        try
        {
            using var file = new FileStream(device, FileMode.Open, FileAccess.ReadWrite);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private BootReport Watch(QemuMachine machine, Stream? screenshot, IRunObserver observer, CancellationToken cancellation)
    {
        bool? verdict;
        while ((verdict = Look(machine)) is null)
        {
            cancellation.WaitHandle.WaitOne(Slice);
            cancellation.ThrowIfCancellationRequested();
        }

        var seconds = clock.Elapsed.TotalSeconds;
        var shown = screenshot is not null && machine.TryTakeScreenshot(options.Folder, screenshot);
        if (screenshot is not null && !shown)
        {
            observer.Warn("The machine gave no picture of its screen.");
        }

        return new BootReport(
            verdict == true ? signs.Sign : null, verdict == true ? null : signs.Failure, options.Accelerator, signs.Resets, seconds, traffic,
            machine.Console.LastLines(ConsoleLines), shown);
    }

    private bool? Look(QemuMachine machine)
    {
        var now = clock.Elapsed.TotalSeconds;
        while (machine.TakeEvent() is { } item)
        {
            Take(item);
        }

        if (!machine.IsRunning)
        {
            signs.SawEnd(machine.Complaint);
        }
        else if (now >= nextTraffic)
        {
            nextTraffic = now + TrafficInterval.TotalSeconds;
            if (machine.QueryTraffic() is { } current)
            {
                traffic = current;
                signs.SawWrites(traffic.Writes, now);
            }
        }

        signs.Saw(machine.Console, now);
        return signs.Verdict(now, timeout);
    }

    private void Take(JsonElement item)
    {
        var data = item.TryGetProperty("data", out var given) ? given : default;
        switch (item.GetProperty("event").GetString())
        {
            case "RESET" when data.TryGetProperty("guest", out var byGuest) && byGuest.GetBoolean():
                signs.SawReset();
                break;
            case "SHUTDOWN":
                signs.SawPowerOff();
                break;
            case "GUEST_PANICKED":
                signs.SawPanic();
                break;
            case "BLOCK_IO_ERROR":
                signs.SawDiskError(data.TryGetProperty("reason", out var reason) ? reason.GetString() ?? "unknown" : "unknown");
                break;
        }
    }
}

/// <summary>What came of a boot. <paramref name="Reason"/> is null where it lives.</summary>
internal sealed record BootReport(
    string? Sign, string? Reason, string Accelerator, int Resets, double Seconds, DiskTraffic Traffic, string[] Console, bool HasScreenshot);
