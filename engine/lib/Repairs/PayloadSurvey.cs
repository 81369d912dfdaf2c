using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Keys;
using Tidemark.Engine.Packing;

namespace Tidemark.Engine.Repairs;

/// <summary>
/// Reads a damaged image from front to back and gives back its index: from each frame's own list and the hashes of its
/// content, and where a frame is damaged from the leaves that survived. Two cursors over the payload, both in block
/// order, in constant memory.
/// </summary>
internal sealed class PayloadSurvey : IDisposable
{
    /// <summary>
    /// Bytes that are hashed in looking for flipped bits, some minutes' worth: as many times all of a frame as it has bits, so
    /// 16 frames of the usual size. So many damaged ones are no bit rot.
    /// </summary>
    private const long MaxFixWork = 16L * 8 * ImageFormat.DefaultFrameBytes * ImageFormat.DefaultFrameBytes;

    private readonly RawPayload payload;
    private readonly ImageHeader header;
    private readonly ImageCipher? cipher;
    private readonly BlockHasher hasher;
    private readonly CancellationToken cancellation;
    private readonly FrameDecoder decoder = new();
    private readonly byte[] plain = new byte[ImageFormat.MaxFrameBytes];
    private readonly UInt128[] hashes = new UInt128[ImageFormat.MaxFrameBlocks];
    private long fixWork;
    private long covered;
    private FrameRef told;

    public PayloadSurvey(RawPayload payload, ImageHeader header, ImageCipher? cipher, BlockHasher hasher, CancellationToken cancellation)
    {
        this.payload = payload;
        this.header = header;
        this.cipher = cipher;
        this.hasher = hasher;
        this.cancellation = cancellation;
    }

    /// <summary>Frames whose flipped bit was turned back.</summary>
    public int Corrected { get; private set; }

    /// <summary>Frames that are damaged although their blocks are known.</summary>
    public int DamagedFrames { get; private set; }

    /// <param name="footer">The footer where it survived: it tells how much there must be.</param>
    /// <param name="sink">Takes what is found.</param>
    /// <param name="trustEnd">
    /// Takes it that no frame is missing at the end: whoever says so proves it with the digest of the index.
    /// </param>
    public void Run(ImageFooter? footer, IRebuildSink sink, bool trustEnd)
    {
        var leaves = new LeafStream(payload, header, cipher, cancellation) { PageCount = footer?.Counts.IndexPages };
        var items = new PayloadItems(payload, header, cancellation);
        long expected = 0;
        while (items.MoveNext(out var isFrame))
        {
            if (!isFrame || items.Frame.Ordinal < expected || items.Ranges[0].First < covered)
            {
                continue;
            }

            if (items.Frame.Ordinal > expected)
            {
                TellLeaves(leaves, items.Ranges[0].First, sink);
            }

            expected = items.Frame.Ordinal + 1;
            TellFrame(items, leaves, sink);
        }

        var complete = footer is not null
            ? footer.Counts.Frames == expected
            : header.Parent is null && covered == header.BlockCount;
        if (!complete)
        {
            TellLeaves(leaves, header.BlockCount, sink, trustEnd);
        }
    }

    public void Dispose() => decoder.Dispose();

    /// <summary>Tells what the leaves know of the blocks up to <paramref name="end"/>, whose frames are gone.</summary>
    private void TellLeaves(LeafStream leaves, long end, IRebuildSink sink, bool trusted = false)
    {
        leaves.Tell(
            covered, end,
            (in IndexExtent extent, ReadOnlySpan<UInt128> its) =>
            {
                if (extent.State.IsStored())
                {
                    Announce(extent.Frame, 0, sink);
                }

                sink.Run(extent, its);
            },
            (first, until) =>
            {
                if (!trusted)
                {
                    sink.Run(new IndexExtent(first, until - first, BlockState.Lost), []);
                }
            });
        covered = end;
    }

    private void Announce(in FrameRef frame, int plainLength, IRebuildSink sink, ReadOnlySpan<byte> corrected = default)
    {
        if (frame != told)
        {
            told = frame;
            sink.Frame(frame, plainLength, corrected);
        }
    }

    private void TellFrame(PayloadItems items, LeafStream leaves, IRebuildSink sink)
    {
        var frame = items.Frame;
        var place = new FrameRef(items.Offset, frame.StoredLength);
        var stored = new byte[frame.StoredLength];
        payload.Read(place.Offset, stored);
        var isFixed = items.FixedHeader is not null;
        items.FixedHeader?.CopyTo(stored, 0);
        var decodes = Decodes(stored);
        if (!decodes && fixWork < MaxFixWork)
        {
            fixWork += 8L * stored.Length * stored.Length;
            isFixed |= BitFix.TryFix(stored, frame.HeaderLength, stored.Length, b => Layout.Check(b.AsSpan(frame.HeaderLength)) == frame.PayloadCheck, cancellation);
            decodes = Decodes(stored);
        }

        Corrected += isFixed && decodes ? 1 : 0;

        Announce(place, frame.PlainLength, sink, isFixed && decodes ? stored : default);
        if (!decodes)
        {
            DamagedFrames++;
            TellDamaged(items, leaves, sink);
            return;
        }

        var block = 0;
        hasher.HashBlocks(plain.AsSpan(0, frame.PlainLength), header.BlockSize, hashes.AsSpan(0, frame.PlainLength / header.BlockSize));
        foreach (var (first, count, state) in items.Ranges)
        {
            var kept = (int)(state.IsStored() ? count : 0);
            sink.Run(new IndexExtent(first, count, state, kept > 0 ? place : default, kept > 0 ? block : 0), hashes.AsSpan(block, kept));
            block += kept;
            covered = first + count;
        }
    }

    /// <summary>A frame whose content is damaged: its own list tells the blocks, the leaves their hashes.</summary>
    private void TellDamaged(PayloadItems items, LeafStream leaves, IRebuildSink sink)
    {
        foreach (var (first, count, state) in items.Ranges)
        {
            if (state.IsStored())
            {
                covered = first;
                TellLeaves(leaves, first + count, sink);
            }
            else
            {
                sink.Run(new IndexExtent(first, count, state), []);
                covered = first + count;
            }
        }
    }

    private bool Decodes(byte[] stored)
    {
        // Opening an encrypted frame changes its bytes.
        var copy = cipher is null ? stored : (byte[])stored.Clone();
        return decoder.Decode(copy, header.ImageId, header.BlockSize, cipher, plain, out _) is null;
    }
}
