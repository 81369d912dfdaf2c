using Tidemark.Engine.Format;
using Tidemark.Engine.Images;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Packing;

namespace Tidemark.Engine.Pipelines;

/// <summary>A piece of a payload that isn't as it was written.</summary>
/// <param name="Length">Its bytes; 0 where that isn't known.</param>
/// <param name="Blocks">The blocks that are lost by it, as far as that is known without the index.</param>
/// <param name="CostsContent">Whether blocks of the volume may be lost by it.</param>
/// <param name="IsUnknown">Whether it can't be told what stood there: a frame or a page of the index.</param>
internal readonly record struct ScrubDamage(
    long Offset, long Length, string Problem, IReadOnlyList<(long First, long End)> Blocks, bool CostsContent, bool IsUnknown);

/// <summary>
/// Walks a payload from its first byte to its last without key or index: frames and pages say themselves how long they
/// are and carry a checksum each, and between them there are only zeros. After damage it looks for the next frame or
/// page of the image, at every multiple of the format's alignment.
/// </summary>
internal sealed class PayloadScrub : IDisposable
{
    private const int MaxItem = ImageFormat.MaxFrameHeader + ImageFormat.MaxFrameBytes + ImageCipher.TagSize + ImageFormat.Alignment;

    private readonly PayloadWindow window = new();
    private readonly FrameDecoder decoder = new();
    private readonly BlockRange[] ranges = new BlockRange[ImageFormat.MaxFrameRanges];
    private ImageReader image = null!;
    private Action<ScrubDamage> report = null!;
    private long frames;
    private long pages;
    private long lastBlock;
    private bool damaged;

    private enum Item
    {
        None,
        Frame,
        BadFrame,
        Page,
    }

    /// <summary>Walks the whole payload of an image.</summary>
    /// <param name="onDamage">Told of everything that is wrong, in order.</param>
    /// <param name="tick">Told how far in the payload it is.</param>
    public void Run(ImageReader reader, Action<ScrubDamage> onDamage, Action<long> tick, CancellationToken cancellation)
    {
        Begin(reader, onDamage);
        Walk(0, reader.Footer.MetadataOffset, tick, cancellation);
        CheckZeros(reader.Footer.MetadataOffset + reader.Footer.MetadataLength, reader.PayloadLength);
        CheckRoot();
        CheckCounts();
    }

    /// <summary>Begins an image that is walked in pieces.</summary>
    public void Begin(ImageReader reader, Action<ScrubDamage> onDamage)
    {
        image = reader;
        report = onDamage;
        frames = pages = lastBlock = 0;
        damaged = false;
        window.Begin(reader);
    }

    /// <summary>Walks a piece of the payload that begins and ends where a frame or page does.</summary>
    public void Walk(long from, long to, Action<long> tick, CancellationToken cancellation)
    {
        while (from < to)
        {
            cancellation.ThrowIfCancellationRequested();
            tick(from);
            from = Step(from, to);
        }
    }

    /// <summary>Passes over a frame that somebody else proves.</summary>
    public void PassFrame() => frames++;

    /// <summary>Compares what was walked and passed over with the footer.</summary>
    public void CheckCounts()
    {
        var counts = image.Footer.Counts;
        if (frames != counts.Frames || (!damaged && pages != counts.IndexPages))
        {
            Report(
                image.PayloadLength,
                $"The footer counts {counts.Frames} frames and {counts.IndexPages} index pages, and there are {frames} and {pages}.",
                frames < counts.Frames ? [(lastBlock, image.Header.BlockCount)] : [], true);
        }
    }

    public void Dispose() => decoder.Dispose();

    /// <summary>Checks what begins at a position and returns where the next thing begins.</summary>
    private long Step(long position, long end)
    {
        var item = Read(position, end, out var length, out var ordinal);
        switch (item)
        {
            case Item.Frame:
            case Item.BadFrame:
                if (ordinal != frames)
                {
                    var first = decoder.Ranges[0].First;
                    Report(
                        position, $"Frame {ordinal} stands where frame {frames} belongs.",
                        ordinal > frames && first > lastBlock ? [(lastBlock, first)] : [], true);
                }

                frames = ordinal + 1;
                if (item == Item.BadFrame)
                {
                    Report(position, "The frame's checksum is wrong.", Blocks(), true, length: length);
                }

                lastBlock = decoder.Ranges[^1].End;
                break;
            case Item.Page:
                if (ordinal != pages)
                {
                    Report(position, $"Index page {ordinal} stands where page {pages} belongs.", [], true);
                }

                pages = ordinal + 1;
                break;
            default:
                return Resynchronise(position, end);
        }

        var next = Math.Min(end, ImageFormat.AlignUp(position + length));
        CheckZeros(position + length, next);
        return next;
    }

    /// <summary>Reports what isn't valid up to the next frame or page and returns where that begins.</summary>
    private long Resynchronise(long position, long end)
    {
        var next = position;
        var item = Item.None;
        var ordinal = 0L;
        while (item == Item.None && (next = Math.Min(end, next + ImageFormat.Alignment)) < end)
        {
            item = Read(next, end, out _, out ordinal);
        }

        (long First, long End)[] lost = [];
        if (item is Item.Frame or Item.BadFrame)
        {
            // Frames stand in the order of their blocks, so what is missing lies between the two that are there.
            lost = ordinal > frames && decoder.Ranges[0].First > lastBlock ? [(lastBlock, decoder.Ranges[0].First)] : [];
            frames = Math.Max(frames, ordinal);
        }
        else if (item == Item.Page)
        {
            pages = Math.Max(pages, ordinal);
        }

        var why = window.TakeProblem() is { } problem ? $" ({problem})" : "";
        Report(position, $"{next - position} bytes are neither a valid frame nor a valid index page{why}.", lost, true, isUnknown: true, length: next - position);
        return next;
    }

    private Item Read(long position, long end, out int length, out long ordinal)
    {
        length = 0;
        ordinal = 0;
        var bytes = window.At(position, MaxItem, end);
        if (bytes.StartsWith(ImageFormat.FrameMagic))
        {
            return ReadFrame(bytes, out length, out ordinal);
        }

        return bytes.StartsWith(ImageFormat.LeafMagic) || bytes.StartsWith(ImageFormat.DirectoryMagic)
            ? ReadPage(bytes, out length, out ordinal)
            : Item.None;
    }

    private Item ReadFrame(ReadOnlySpan<byte> bytes, out int length, out long ordinal)
    {
        length = 0;
        ordinal = 0;
        var header = image.Header;
        if (!FrameHeader.TryRead(bytes, header.BlockSize, ranges, out var frame) || frame.ImageId != header.ImageId
            || frame.Encrypted != header.Encrypted || frame.StoredLength > bytes.Length || ranges[frame.Ranges - 1].End > header.BlockCount)
        {
            return Item.None;
        }

        length = frame.StoredLength;
        ordinal = frame.Ordinal;
        var problem = decoder.Check(bytes[..length], header.ImageId, header.BlockSize, out _);
        return problem is null ? Item.Frame : Item.BadFrame;
    }

    private Item ReadPage(ReadOnlySpan<byte> bytes, out int length, out long ordinal)
    {
        length = 0;
        ordinal = 0;
        if (!PageHeader.TryRead(bytes, out var page) || page.ImageId != image.Header.ImageId)
        {
            return Item.None;
        }

        var covered = PageHeader.Size + page.BodyLength + (image.Header.Encrypted ? ImageCipher.TagSize : 0);
        if (covered + ImageFormat.DigestSize > bytes.Length || Layout.Digest(bytes[..covered]) != Layout.U128(bytes, covered))
        {
            return Item.None;
        }

        length = covered + ImageFormat.DigestSize;
        ordinal = page.Ordinal;
        return Item.Page;
    }

    private List<(long First, long End)> Blocks()
    {
        List<(long First, long End)> blocks = [];
        foreach (var range in decoder.Ranges)
        {
            // The others stand in the header, which holds.
            if (range.State.IsStored())
            {
                blocks.Add((range.First, range.End));
            }
        }

        return blocks;
    }

    private void CheckZeros(long from, long to)
    {
        if (to > from && (to - from >= ImageFormat.Alignment || !Layout.AllZero(window.At(from, (int)(to - from), to))))
        {
            Report(from, $"The {to - from} bytes that fill up to the next multiple of {ImageFormat.Alignment} aren't zeros.", [], false);
        }
    }

    /// <summary>The root page is the one that the footer, and so every child, names by its digest.</summary>
    private void CheckRoot()
    {
        if (image.Footer.Root is { } root)
        {
            var stored = window.At(root.Offset, root.Length, image.PayloadLength)[..root.Length];
            if (Layout.Digest(stored[..^ImageFormat.DigestSize]) != root.Digest)
            {
                Report(root.Offset, "The root of the index isn't the page that the footer names.", [], true);
            }
        }
    }

    private void Report(
        long offset, string problem, IReadOnlyList<(long First, long End)> blocks, bool costsContent, bool isUnknown = false, long length = 0)
    {
        damaged = true;
        report(new ScrubDamage(offset, length, problem, blocks, costsContent, isUnknown));
    }
}
