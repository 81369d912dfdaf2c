using Tidemark.Engine.Devices;
using Tidemark.Engine.Keys;

namespace Tidemark.Harness.Simulation;

/// <summary>What a point in time must restore to.</summary>
/// <param name="Content">The source as it was.</param>
/// <param name="Refused">Sectors that the source refused, which may hold the mark of unreadable ones instead.</param>
internal sealed record ExpectedPoint(Guid ImageId, long Sequence, byte[] Content, RangeSet Refused)
{
    /// <summary>Whether the run that made it ended well, or one after it did: then it may not be lost any more.</summary>
    public bool IsCommitted { get; set; }
}

/// <summary>What the oracle knows of one chain.</summary>
/// <param name="source">The number of its source.</param>
/// <param name="schedule">The name it was begun with; null for the source's ordinary chain.</param>
internal sealed class SimulatedChain(int source, string? schedule)
{
    public int Source => source;

    public string? Schedule => schedule;

    /// <summary>Its folder now; null until it has one with an image.</summary>
    public string? Folder { get; set; }

    /// <summary>Keys that may open it: one, or more after a change of which nobody knows whether it took place.</summary>
    public List<KeySource> Keys { get; private init; } = [];

    public List<ExpectedPoint> Points { get; private init; } = [];

    /// <summary>Whether the last run in it didn't end well, so that it may have left something behind.</summary>
    public bool IsUnsettled { get; set; }

    /// <summary>Whether there are copies of it, which only their folders' names tell apart.</summary>
    public bool HasCopies { get; set; }

    /// <summary>Its copy in another folder; both are continued.</summary>
    public SimulatedChain Copy(string folder)
    {
        HasCopies = true;
        return new SimulatedChain(source, Schedule)
        {
            Folder = folder,
            Keys = [.. Keys],
            Points = [.. Points.Select(p => p with { })],
            IsUnsettled = IsUnsettled,
            HasCopies = true,
        };
    }
}
