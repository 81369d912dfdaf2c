using System.Globalization;
using System.Runtime.InteropServices;

namespace Tidemark.Cli;

/// <summary>
/// Ctrl-C, SIGTERM and SIGHUP (a terminal that is closed) as a cancellation: the first lets the run end in order, the second ends the program at once.
/// What a run leaves behind then, the next one cleans up. On Windows so do Ctrl-Break, and a console that is closed or a
/// system that shuts down, which leave a few seconds.
/// </summary>
internal sealed class Interruption : IDisposable
{
    /// <summary>Windows ends a program that takes longer over a closed console (5 s) or a shutdown (20 s) anyway.</summary>
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(20);

    /// <summary>The number of SIGHUP, the same on every Linux.</summary>
    private const int Hangup = 1;

    private readonly CancellationTokenSource source = new();
    private readonly ManualResetEventSlim ended = new();
    private readonly List<PosixSignalRegistration> registrations;
    private int signals;

    public Interruption()
    {
        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal)];
        if (OperatingSystem.IsWindows())
        {
            registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGQUIT, OnSignal));
            registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnClose));
            registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnClose));
        }
        else
        {
            registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal));

            // What nohup starts is to go on when its terminal is closed.
            if (!IsIgnored(Hangup))
            {
                registrations.Add(PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal));
            }
        }
    }

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        if (OperatingSystem.IsWindows())
        {
            foreach (var registration in registrations)
            {
                registration.Dispose();
            }
        }

        // Elsewhere they stay until the program ends: a signal that comes behind the result must not change how it ended.
        source.Dispose();

        // Not disposed itself: whoever waits for it still looks at it.
        ended.Set();
    }

    /// <summary>Whether a signal was ignored by whoever started this: a bit of a mask in proc_pid_status(5).</summary>
    private static bool IsIgnored(int signal)
    {
        const string Field = "SigIgn:";
        try
        {
            var line = File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal));
            return line is not null
                && ulong.TryParse(line.AsSpan(Field.Length).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var mask)
                && (mask >> (signal - 1) & 1) != 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref signals) > 1)
        {
            Environment.Exit(ExitCodes.Interrupted);
        }

        Cancel();
    }

    // Windows ends the program as soon as this returns.
    private void OnClose(PosixSignalContext context)
    {
        context.Cancel = true;
        Cancel();
        ended.Wait(ClosePatience);
    }

    private void Cancel()
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The run has just ended by itself.
        }
    }
}
