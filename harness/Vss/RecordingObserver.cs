using Tidemark.Engine.Progress;

namespace Tidemark.Harness.Vss;

/// <summary>Keeps the warnings of a run.</summary>
internal sealed class RecordingObserver : IRunObserver
{
    public List<string> Warnings { get; } = [];

    public void Progress(in RunProgress progress)
    {
    }

    public void Warn(string message) => Warnings.Add(message);
}
