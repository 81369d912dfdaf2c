using Tidemark.Engine.Volumes;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>The page that says that a restore is under way, with its checksum right; its text may be another version's.</summary>
internal static class MarkerTarget
{
    private static readonly GuardedMemory Memory = new(RestoreMarker.Size);

    internal static void Run(ReadOnlySpan<byte> input)
    {
        RestoreMarker.TryRead(input);
        var page = Memory.Take(RestoreMarker.Size);
        page.Clear();
        input[..Math.Min(input.Length, page.Length)].CopyTo(page);
        Reseal.DigestAtEnd(page);
        if (RestoreMarker.TryRead(page) is { } marker)
        {
            var again = new byte[RestoreMarker.Size];
            marker.Write(again);
            FindException.Unless(RestoreMarker.TryRead(again) == marker, $"{marker} reads back differently.");
        }
    }
}
