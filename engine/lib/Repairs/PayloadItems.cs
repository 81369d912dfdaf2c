using Tidemark.Engine.Format;
using Tidemark.Engine.Keys;

namespace Tidemark.Engine.Repairs;

/// <summary>
/// Finds the frames and index pages of an image in its payload by what they say of themselves, from front to back; what
/// is neither is passed over in steps of the format's alignment.
/// </summary>
internal sealed class PayloadItems(RawPayload payload, ImageHeader header, CancellationToken cancellation)
{
    private const int WindowSize = 4 << 20;

    private const int MaxItem = ImageFormat.MaxFrameHeader + ImageFormat.MaxFrameBytes + ImageCipher.TagSize;

    /// <summary>Bytes of a frame's header in which a flipped bit is looked for; nearly all headers are shorter.</summary>
    private const int MaxFixed = 1024;

    /// <summary>Places where that is tried: each takes milliseconds.</summary>
    private const int MaxFixes = 256;

    private readonly byte[] window = new byte[(int)Math.Min(WindowSize, Math.Max(payload.Length, 1))];
    private readonly BlockRange[] ranges = new BlockRange[ImageFormat.MaxFrameRanges];
    private long start;
    private int loaded;
    private int fixes;
    private bool mayFix = true;

    /// <summary>Where the next item is looked for.</summary>
    public long Position { get; private set; }

    /// <summary>Where the item found last begins.</summary>
    public long Offset { get; private set; }

    /// <summary>The frame found last.</summary>
    public FrameHeader Frame { get; private set; }

    public ReadOnlySpan<BlockRange> Ranges => ranges.AsSpan(0, Frame.Ranges);

    /// <summary>The page found last, and its stored length.</summary>
    public PageHeader Page { get; private set; }

    public int PageLength { get; private set; }

    /// <summary>The header of the frame found last where a flipped bit of it was turned back; else null.</summary>
    public byte[]? FixedHeader { get; private set; }

    /// <summary>Finds the next item; false at the end.</summary>
    public bool MoveNext(out bool isFrame)
    {
        while (Position < payload.Length)
        {
            cancellation.ThrowIfCancellationRequested();
            var bytes = At(Position);
            FixedHeader = null;
            isFrame = bytes.StartsWith(ImageFormat.FrameMagic) && IsFrame(bytes);
            if (isFrame || IsPage(bytes) || (mayFix && (isFrame = IsFixedFrame(bytes))))
            {
                mayFix = true;
                Offset = Position;
                Position = ImageFormat.AlignUp(Position + (isFrame ? Frame.StoredLength : PageLength));
                return true;
            }

            // Something begins where another item ends, and nowhere else a guess would be worth its time.
            mayFix = false;
            Position = ImageFormat.AlignUp(payload.NextThere(Position + ImageFormat.Alignment));
        }

        isFrame = false;
        return false;
    }

    private ReadOnlySpan<byte> At(long offset)
    {
        var need = (int)Math.Min(MaxItem, payload.Length - offset);
        if (offset < start || offset + need > start + loaded)
        {
            start = offset;
            loaded = (int)Math.Min(window.Length, payload.Length - offset);
            payload.Read(offset, window.AsSpan(0, loaded));
        }

        return window.AsSpan((int)(offset - start), (int)(start + loaded - offset));
    }

    private bool IsFixedFrame(ReadOnlySpan<byte> bytes)
    {
        if (fixes == MaxFixes)
        {
            return false;
        }

        fixes++;
        var copy = bytes[..Math.Min(bytes.Length, ImageFormat.MaxFrameHeader)].ToArray();
        if (!BitFix.TryFix(copy, 0, Math.Min(copy.Length, MaxFixed), b => IsFrame(b), cancellation))
        {
            return false;
        }

        FixedHeader = copy[..Frame.HeaderLength];
        return true;
    }

    private bool IsFrame(ReadOnlySpan<byte> bytes)
    {
        if (!FrameHeader.TryRead(bytes, header.BlockSize, ranges, out var frame) || frame.ImageId != header.ImageId
            || frame.Encrypted != header.Encrypted || ranges[frame.Ranges - 1].End > header.BlockCount)
        {
            return false;
        }

        Frame = frame;
        return true;
    }

    private bool IsPage(ReadOnlySpan<byte> bytes)
    {
        if (!PageHeader.TryRead(bytes, out var page) || page.ImageId != header.ImageId || page.EndBlock > header.BlockCount)
        {
            return false;
        }

        var covered = PageHeader.Size + page.BodyLength + (header.Encrypted ? ImageCipher.TagSize : 0);
        if (covered + ImageFormat.DigestSize > bytes.Length || Layout.Digest(bytes[..covered]) != Layout.U128(bytes, covered))
        {
            return false;
        }

        Page = page;
        PageLength = covered + ImageFormat.DigestSize;
        return true;
    }
}
