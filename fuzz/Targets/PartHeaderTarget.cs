using Tidemark.Engine.Format;
using Tidemark.Fuzz.Inputs;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>The first page of a further part.</summary>
internal static class PartHeaderTarget
{
    private static readonly GuardedMemory Page = new(ImageFormat.HeaderSize);

    internal static void Run(ReadOnlySpan<byte> input)
    {
        PartHeader.TryRead(input, out _);
        var page = Page.Take(ImageFormat.HeaderSize);
        page.Clear();
        input[..Math.Min(input.Length, page.Length)].CopyTo(page);
        Reseal.DigestAtEnd(page);
        if (PartHeader.TryRead(page, out var header))
        {
            FindException.Unless(header.Number is > 0 and < ImageFormat.MaxParts, $"Part {header.Number} was let pass.");
        }
    }
}
