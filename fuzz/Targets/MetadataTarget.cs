using Tidemark.Engine;
using Tidemark.Engine.Format;
using Tidemark.Engine.Operations.Points;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>What an image says of its making.</summary>
internal static class MetadataTarget
{
    internal static void Run(ReadOnlySpan<byte> input)
    {
        if (ImageMetadata.TryParse(input) is not { } metadata)
        {
            return;
        }

        FindException.Unless(
            metadata is { Source: not null, Description: not null, Machine: not null, System: not null, Snapshot: not null, Writer: not null, Reader: not null },
            "A text that is always there is missing.");
        var ranges = ByteRange.FromPairs(metadata.Unreadable);
        FindException.Unless(
            ranges.All(range => range.Offset >= 0 && range.Length > 0 && range.Offset + range.Length > 0) && ranges.Sum(range => range.Length) >= 0,
            "Ranges that couldn't be read can't be.");
        FindException.Unless(ImageMetadata.TryParse(metadata.ToBytes()) is not null, "Metadata can't be read when they are written again.");
    }
}
