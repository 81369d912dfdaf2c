namespace Tidemark.Engine.Stores.Layers;

/// <summary>How often, and after which pauses, a request is made again whose error may pass by itself.</summary>
/// <param name="attempts">Requests at most.</param>
internal sealed class RetryPolicy(int attempts)
{
    /// <summary>Long enough for a server to answer the next one, short enough that nobody notices a single failure.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMilliseconds(200);

    /// <summary>Servers that ask for less load take some seconds to have it.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Waits; tests have clocks of their own.</summary>
    public Action<TimeSpan, CancellationToken> Wait { get; init; } = (time, cancellation) =>
    {
        cancellation.WaitHandle.WaitOne(time);
        cancellation.ThrowIfCancellationRequested();
    };

    /// <summary>Between 0 and 1: clients that failed together don't come back together.</summary>
    public Func<double> Jitter { get; init; } = Random.Shared.NextDouble;

    /// <summary>Does something until it works, or fails with an error that stays, or has failed often enough.</summary>
    public T Do<T>(Func<T> request, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                return request();
            }
            catch (TidemarkException e) when (e.MayPass && attempt < attempts)
            {
                Wait(Pause(attempt), cancellation);
            }
        }
    }

    /// <summary>The pause doubles with each attempt, up to a bound; half of it is drawn.</summary>
    private TimeSpan Pause(int attempt)
    {
        var pause = First * Math.Pow(2, Math.Min(attempt - 1, 16));
        return (pause < Longest ? pause : Longest) * (0.5 + (0.5 * Jitter()));
    }
}
