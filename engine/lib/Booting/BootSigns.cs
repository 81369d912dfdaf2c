using System.Diagnostics;

namespace Tidemark.Engine.Booting;

/// <summary>
/// What was seen of a booting machine so far, and what follows from it. Pure: it is told, and concludes. Times are
/// seconds since the machine began.
/// </summary>
internal sealed class BootSigns(string? expected)
{
    /// <summary>
    /// A system that comes up writes its volumes' superblocks and journals. Firmware writes nothing and a boot loader that
    /// keeps its choice a sector or two.
    /// </summary>
    public const long LivingWrites = 8;

    /// <summary>An update may reset a machine twice on its first start; what goes on so is a loop.</summary>
    public const int MostResets = 3;

    /// <summary>A kernel that mounts its root may yet find nothing to run there, and panics within moments.</summary>
    public const double Settling = 3;

    /// <summary>What firmware and kernels say when it ends here, and what that means.</summary>
    private static readonly (string Text, string Reason)[] Ends =
    [
        ("Kernel panic - not syncing", "the guest's kernel panicked"),
        ("No bootable device", "the firmware found nothing to boot: the disk has no boot code it can run (try EFI firmware)"),
        ("No bootable option or device was found", "the firmware found nothing to boot: the disk has no EFI boot loader (try a BIOS)"),
    ];

    private string? sign;
    private double signedAt;
    private int resets;
    private string? failure;
    private bool ended;

    /// <summary>What shows that the guest lives; null as long as nothing does.</summary>
    public string? Sign => sign;

    /// <summary>Why it doesn't live; null as long as nothing says so.</summary>
    public string? Failure => failure;

    /// <summary>How often the guest reset itself.</summary>
    public int Resets => resets;

    /// <summary>The guest's messages, its firmware's included.</summary>
    public void Saw(ConsoleText console, double now)
    {
        // What was waited for counts even if the guest ends right after it.
        if (expected is not null && console.Contains(expected))
        {
            Live($"the console says \"{expected}\"", now);
            return;
        }

        foreach (var (text, reason) in Ends)
        {
            if (console.Contains(text))
            {
                Fail(reason);
            }
        }

        if (expected is null && console.Contains("login:"))
        {
            Live("the console asks for a login", now);
        }
    }

    /// <summary>Requests that the guest wrote to its disk so far.</summary>
    public void SawWrites(long writes, double now)
    {
        if (expected is null && writes >= LivingWrites)
        {
            Live("the system writes to its disk", now);
        }
    }

    public void SawReset()
    {
        if (++resets > MostResets)
        {
            Fail($"the guest reset itself {resets} times");
        }
    }

    public void SawPanic() => Fail("the guest's system reported a crash");

    public void SawDiskError(string message) => Fail($"the guest's disk failed: {message}");

    /// <summary>The guest switched itself off.</summary>
    public void SawPowerOff() => ended = true;

    /// <summary>The machine's process ended.</summary>
    public void SawEnd(string complaint)
    {
        if (!ended)
        {
            Fail($"the machine ended: {complaint}");
        }
    }

    /// <summary>True: it lives; false: it doesn't; null: not known yet.</summary>
    public bool? Verdict(double now, double timeout)
    {
        Debug.Assert(timeout > 0);
        if (expected is not null && sign is not null)
        {
            return true;
        }

        if (failure is not null)
        {
            return false;
        }

        if (sign is not null && (ended || now - signedAt >= Settling))
        {
            return true;
        }

        if (ended)
        {
            Fail("the guest switched itself off before there was a sign of life");
            return false;
        }

        if (now >= timeout)
        {
            Fail(expected is null ? $"there was no sign of life within {timeout:0} s" : $"the console didn't say \"{expected}\" within {timeout:0} s");
            return false;
        }

        return null;
    }

    private void Live(string what, double now)
    {
        if (sign is null)
        {
            sign = what;
            signedAt = now;
        }
    }

    private void Fail(string reason) => failure ??= reason;
}
