using Tidemark.Engine.Volumes;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>What a source is and what it is known by: all parsers in turn, as a backup asks them.</summary>
internal static class SourceTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        var description = SourceProbe.Probe(SparseDevice.Parse(input));
        FindException.Unless(description.Summary.Length > 0, "A source has no description.");
        Volumes.CheckLabel(description.Label);
        Volumes.CheckIdentity(description.Identity);
    }
}
