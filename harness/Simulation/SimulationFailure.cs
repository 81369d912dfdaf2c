namespace Tidemark.Harness.Simulation;

/// <summary>A promise was broken.</summary>
internal sealed class SimulationFailure(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The number of the operation after which it showed, from 0.</summary>
    public int Step { get; set; } = -1;
}
