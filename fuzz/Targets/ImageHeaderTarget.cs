using Tidemark.Engine.Format;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>The first page of an image, as it is and with its checksums right.</summary>
internal static class ImageHeaderTarget
{
    private static readonly GuardedMemory Page = new(ImageFormat.HeaderSize);
    private static readonly GuardedMemory Copy = new(ImageFormat.HeaderSize);

    internal static void Run(ReadOnlySpan<byte> input)
    {
        ImageHeader.TryRead(input, out _);
        var page = Page.Take(ImageFormat.HeaderSize);
        page.Clear();
        input[..Math.Min(input.Length, page.Length)].CopyTo(page);
        Reseal.Page(page);
        if (ImageHeader.TryRead(page, out _) is { } header)
        {
            // A child is written with what its parent said.
            var copy = Copy.Take(ImageFormat.HeaderSize);
            header.Write(copy);
            var again = ImageHeader.TryRead(copy, out var problem);
            FindException.Unless(again is not null, $"A header that was read can't be written again: {problem}");
            FindException.Unless(again!.ChainName == header.ChainName && again.Identity.Equals(header.Identity), "A header changes when it is written again.");
        }
    }
}
