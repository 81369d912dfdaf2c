using System.Diagnostics;

namespace Tidemark.Engine.Programs;

/// <summary>
/// How programs are waited for: as long as they live, since only they know how much there is to do. What takes long is
/// told, once, and a cancellation ends it.
/// </summary>
/// <param name="tell">Is told what is waited for.</param>
/// <param name="cancellation">Ends the wait.</param>
/// <param name="quiet">How long nothing is told; 20 s by default.</param>
internal sealed class ProgramWait(Action<string> tell, CancellationToken cancellation, TimeSpan? quiet = null)
{
    /// <summary>Longer than what these programs do takes on a machine that is well.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(20);

    /// <summary>How often it is looked whether the wait was cancelled.</summary>
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(20);

    /// <summary>Tells nobody and isn't cancelled; for what takes down and cleans up.</summary>
    public static ProgramWait Silent { get; } = new(_ => { }, CancellationToken.None);

    public CancellationToken Cancellation => cancellation;

    /// <summary>Told for the sake of the user, at any time.</summary>
    public void Tell(string message) => tell(message);

    /// <summary>Waits until something holds.</summary>
    /// <param name="what">What takes long then, as "nbdfuse".</param>
    /// <param name="holds">Waits for it for a moment and says whether it holds; is asked again and again.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Until(string what, Func<TimeSpan, bool> holds)
    {
        var began = Stopwatch.GetTimestamp();
        var told = false;
        while (!holds(Slice))
        {
            cancellation.ThrowIfCancellationRequested();
            if (!told && Stopwatch.GetElapsedTime(began) > (quiet ?? Quiet))
            {
                told = true;
                tell($"{what} is at work for {Stopwatch.GetElapsedTime(began).TotalSeconds:0} s now and is waited for. Ctrl-C ends it.");
            }
        }
    }
}
