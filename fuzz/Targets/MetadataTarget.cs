using Tidemark.Engine.Images;

namespace Tidemark.Fuzz.Targets;

/// <summary>What an image says of its making.</summary>
internal static class MetadataTarget
{
    internal static void Run(ReadOnlySpan<byte> input) => ImageMetadata.TryParse(input)?.ToBytes();
}
