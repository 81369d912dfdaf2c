namespace Tidemark.Engine.Progress;

/// <summary>How far a run is. Sizes are bytes.</summary>
/// <param name="Phase">What it is doing: "scan", "restore", "verify", "compare", "diff".</param>
/// <param name="DoneBytes">Bytes of the volume dealt with.</param>
/// <param name="TotalBytes">Bytes of the volume.</param>
/// <param name="ChangedBytes">Bytes of blocks found changed, written or compared, whatever the phase counts.</param>
/// <param name="Seconds">Since the run began.</param>
public readonly record struct RunProgress(
    string Phase, long DoneBytes, long TotalBytes, long ChangedBytes, double Seconds);

/// <summary>Who watches a run. Calls come from the run's own thread, progress a few times a second.</summary>
public interface IRunObserver
{
    void Progress(in RunProgress progress);

    /// <summary>Something the user should know although the run goes on.</summary>
    void Warn(string message);

    /// <summary>The same, and what can be done about it: a program that has its own words for that takes them.</summary>
    void Warn(string reason, Advice advice) => Warn(AdviceWords.With(reason, advice));
}

/// <summary>An observer that looks away.</summary>
public sealed class NoObserver : IRunObserver
{
    public static NoObserver Instance { get; } = new();

    public void Progress(in RunProgress progress)
    {
    }

    public void Warn(string message)
    {
    }
}
