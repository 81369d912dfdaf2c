using System.Globalization;

namespace Tidemark.Engine.Stores;

/// <summary>What Linux says of the machine and its processes.</summary>
internal sealed partial record LockSelf
{
    /// <summary>Where the start of a process stands in its line of proc_pid_stat(5), counted from the field behind its name.</summary>
    private const int StartField = 19;

    private static string LinuxId() => Line("/etc/machine-id") ?? Line("/var/lib/dbus/machine-id") ?? "";

    private static string LinuxBoot() => Line("/proc/sys/kernel/random/boot_id") ?? "-";

    private static string LinuxSpace()
    {
        try
        {
            return new FileInfo("/proc/self/ns/pid").LinkTarget ?? "-";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "-";
        }
    }

    /// <summary>In ticks since the machine's start; null where there is no such process.</summary>
    private static long? LinuxStart(int process)
    {
        var line = Line(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"));

        // The name stands in brackets, and may hold any character.
        var fields = line is null ? [] : line[(line.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);

        // What has ended and waits for its parent to look is a zombie, and runs no more.
        return fields.Length > StartField && fields[0] is not ("Z" or "X")
            && long.TryParse(fields[StartField], NumberStyles.None, CultureInfo.InvariantCulture, out var start)
            ? start
            : null;
    }

    private static string? Line(string path)
    {
        try
        {
            using var reader = new StreamReader(path);
            return reader.ReadLine()?.Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
