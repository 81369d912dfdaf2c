using Tidemark.Engine.Format;
using Tidemark.Fuzz.Running;

namespace Tidemark.Fuzz.Targets;

/// <summary>A leaf of the index: a page header and the walk over its runs.</summary>
internal static class LeafTarget
{
    /// <summary>Where pages and frames must end.</summary>
    private const long PayloadEnd = 1L << 40;

    internal static void Run(ReadOnlySpan<byte> input)
    {
        if (!PageHeader.TryRead(input, out var header) || header.Level != 0)
        {
            return;
        }

        // What a leaf says of its length is compared with its reference before it is walked.
        var body = input[PageHeader.Size..];
        header = header with { BodyLength = Math.Min(body.Length, PageHeader.MaxBody) };
        body = body[..header.BodyLength];
        if (header.HashCount * ImageFormat.DigestSize > body.Length)
        {
            return;
        }

        var walker = new LeafWalker(header, body.Length - (header.HashCount * ImageFormat.DigestSize), PayloadEnd);
        var end = header.FirstBlock;
        var frameEnd = 0L;
        while (walker.TryNext(body, out var run))
        {
            FindException.Unless(run.First >= end && run.Count > 0 && run.End <= header.EndBlock, $"Run {run} is out of order.");
            end = run.End;
            if (run.State.IsStored())
            {
                _ = LeafPage.Hashes(body, header.HashCount).Slice(run.HashIndex, (int)run.Count);
                var place = run.Frame.Offset + run.Frame.Length;
                FindException.Unless(run.Frame.Offset >= 0 && place <= PayloadEnd && place >= frameEnd, $"Frame {run.Frame} leaves the payload.");
                frameEnd = place;
            }
        }
    }
}
