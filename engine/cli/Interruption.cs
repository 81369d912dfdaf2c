using System.Runtime.InteropServices;

namespace Tidemark.Cli;

/// <summary>
/// Ctrl-C and SIGTERM as a cancellation: the first lets the run end in order, the second ends the program at once.
/// What a run leaves behind then, the next one cleans up.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource source = new();
    private readonly PosixSignalRegistration[] registrations;
    private int signals;

    public Interruption() =>
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        ];

    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        foreach (var registration in registrations)
        {
            registration.Dispose();
        }

        source.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref signals) > 1)
        {
            Environment.Exit(ExitCodes.Interrupted);
        }

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
