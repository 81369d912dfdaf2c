namespace Tidemark.Engine.Tracing;

/// <summary>What a host needs to listen to the engine with ETW or EventPipe.</summary>
public static class EngineTracing
{
    /// <summary>
    /// The provider's name. Its keywords: 1 runs, 2 stages and waits, 4 transfers, 8 blocks, 0x10 frames; nearly all
    /// events are verbose (level 5).
    /// </summary>
    public const string ProviderName = "Tidemark-Engine";
}
