using Tidemark.Engine.Format;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>The end of an image.</summary>
internal static class FooterTarget
{
    private static readonly GuardedMemory Memory = new(ImageFormat.FooterSize);

    internal static void Run(ReadOnlySpan<byte> input)
    {
        ImageFooter.TryRead(input, 1 << 20, out _);
        var bytes = Memory.Take(ImageFormat.FooterSize);
        bytes.Clear();
        input[..Math.Min(input.Length, bytes.Length)].CopyTo(bytes);
        Reseal.DigestAtEnd(bytes);
        var payload = Layout.I64(bytes, 40);
        if (ImageFooter.TryRead(bytes, payload, out _) is { } footer)
        {
            FindException.Unless(
                footer.MetadataOffset >= 0 && footer.MetadataLength is >= 0 and <= ImageFormat.MaxMetadata
                && footer.MetadataOffset + footer.MetadataLength <= payload,
                "The metadata leave the payload.");
            FindException.Unless(
                footer.Root is not { } root || (root.Offset >= 0 && root.Offset + root.Length <= payload), "The index leaves the payload.");
        }
    }
}
