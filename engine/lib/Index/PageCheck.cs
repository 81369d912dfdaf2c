using System.Diagnostics;
using Tidemark.Engine.Format;
using Tidemark.Engine.Images;

namespace Tidemark.Engine.Index;

/// <summary>
/// Reads a page of an index and checks it against what its parent says of it. Whoever walks an index asks here, so that a
/// checker and a reader never differ on which page is damaged, nor on the blocks that it may have spoken of.
/// </summary>
internal static class PageCheck
{
    /// <summary>Pages that are announced before they are read: a mebibyte of leaves, which is what a writer lays down in one go.</summary>
    private const int Ahead = 64;

    /// <summary>What lies between pages that are announced together.</summary>
    private const long MaxGap = 64 << 10;

    /// <summary>Tells a store that takes hints which pages follow a child of a directory that is about to be read.</summary>
    public static void Announce(ImageReader image, byte[] directory, int child, int count)
    {
        if (!image.TakesHints || child % (Ahead / 2) != 0)
        {
            return;
        }

        var (from, to) = (-1L, -1L);
        for (var i = child; i < Math.Min(count, child + Ahead); i++)
        {
            var page = Child(image, directory, i);
            if (from >= 0 && (page.Offset < to || page.Offset - to > MaxGap))
            {
                image.ExpectPayload(from, to - from);
                from = -1;
            }

            from = from < 0 ? page.Offset : from;
            to = page.Offset + page.Length;
        }

        if (from >= 0)
        {
            image.ExpectPayload(from, to - from);
        }
    }

    /// <summary>Null if the page is as it should be; what is wrong with it otherwise.</summary>
    /// <param name="height">The level it must have.</param>
    /// <param name="end">Where its blocks end at most: where the next page of its parent begins.</param>
    /// <param name="buffer">Gets the page, which has to fit.</param>
    public static string? TryRead(
        ImageReader image, in PageRef reference, int height, long end, byte[] buffer, out PageHeader page)
    {
        if (image.TryReadPage(reference, buffer, out page) is { } problem)
        {
            return problem;
        }

        return page.Level != height ? "it is of another level than its parent says"
            : page.FirstBlock >= end ? "it is out of order"
            : height > 0 ? Malformed(image, page, buffer, end)
            : page.EndBlock > end ? "it speaks of more blocks than it may" : null;
    }

    /// <summary>A reference of a directory page that was read here.</summary>
    public static PageRef Child(ImageReader image, byte[] directory, int index)
    {
        var valid = PageRef.TryRead(Bytes(directory, index), image.PayloadLength, out var reference);
        Debug.Assert(valid, "checked when the page was read");
        return reference;
    }

    /// <summary>What people read of a page that can't be used.</summary>
    public static string Describe(in PageRef page, string problem) =>
        $"The index page at {page.Offset} of the payload can't be used: {problem}.";

    /// <summary>What is wrong with a directory's list; null if it is as it should be.</summary>
    private static string? Malformed(ImageReader image, in PageHeader page, byte[] directory, long end)
    {
        const string Problem = "its list of pages is malformed";
        if (page.Entries > PageRef.PerPage || page.BodyLength != page.Entries * PageRef.Size || page.HashCount != 0)
        {
            return Problem;
        }

        var before = -1L;
        for (var i = 0; i < page.Entries; i++)
        {
            if (!PageRef.TryRead(Bytes(directory, i), image.PayloadLength, out var child) || child.FirstBlock <= before
                || child.FirstBlock >= end || (i == 0 && child.FirstBlock != page.FirstBlock))
            {
                return Problem;
            }

            before = child.FirstBlock;
        }

        return null;
    }

    private static ReadOnlySpan<byte> Bytes(byte[] directory, int index) =>
        directory.AsSpan(PageHeader.Size + (index * PageRef.Size), PageRef.Size);
}
