using Tidemark.Engine.Io;

namespace Tidemark.Engine.Operations.Restores;

/// <summary>How a restore reads and writes its target.</summary>
/// <param name="Writes">The queue of what is written.</param>
/// <param name="Reads">That of what is compared first.</param>
/// <param name="Workers">Threads that decode frames; 0 uses the caller's alone.</param>
internal sealed record RestoreQueues(IoQueueOptions Writes, IoQueueOptions Reads, int Workers)
{
    public static RestoreQueues Default => new(IoQueueOptions.Target, IoQueueOptions.Default, Environment.ProcessorCount);
}
