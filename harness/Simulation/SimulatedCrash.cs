namespace Tidemark.Harness.Simulation;

/// <summary>
/// The process that called is no more. It is no <see cref="Tidemark.Engine.TidemarkException"/>, so that nothing of the
/// engine handles it, and every later call of that process throws it again.
/// </summary>
internal sealed class SimulatedCrash() : Exception("The simulated process ended here.");
