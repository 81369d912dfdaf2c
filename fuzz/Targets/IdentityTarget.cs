using Tidemark.Engine.Format;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>The area of a header that says what source an image is of.</summary>
internal static class IdentityTarget
{
    private static readonly GuardedMemory Memory = new(SourceIdentityCodec.AreaSize);

    internal static void Run(ReadOnlySpan<byte> input)
    {
        var area = Memory.Take(SourceIdentityCodec.AreaSize);
        area.Clear();
        input[..Math.Min(input.Length, area.Length)].CopyTo(area);
        var identity = SourceIdentity.Read(area);
        _ = identity.ToString();
        var again = new byte[SourceIdentityCodec.AreaSize];
        identity.Write(again);
        FindException.Unless(area.SequenceEqual(again), "An identity has two encodings.");
    }
}
