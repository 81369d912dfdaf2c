using Tidemark.Engine.Devices;

namespace Tidemark.Engine.Serving;

/// <summary>What a server serves, and how much of it there is at a time.</summary>
internal sealed class NbdExport
{
    /// <summary>The name clients ask for; the empty one is the default.</summary>
    public required string Name { get; init; }

    /// <summary>For people, who list what a server has.</summary>
    public required string Description { get; init; }

    public required BlockDevice Device { get; init; }

    /// <summary>Block status in contexts of its own, beside base:allocation.</summary>
    public IReadOnlyList<NbdContext> Contexts { get; init; } = [];

    public bool Writable => Device.CanWrite;

    /// <summary>What a client does best to ask for: the chain's block, so that no block is read for a part of it.</summary>
    public required int PreferredBlock { get; init; }
}
