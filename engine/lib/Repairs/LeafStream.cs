using Tidemark.Engine.Format;
using Tidemark.Engine.Keys;

namespace Tidemark.Engine.Repairs;

/// <summary>
/// What the leaves that survived in a payload tell of its blocks, in block order. Between two pages whose numbers follow
/// each other nothing is missing; elsewhere what lies between is unknown.
/// </summary>
internal sealed class LeafStream
{
    private readonly RawPayload payload;
    private readonly ImageHeader header;
    private readonly ImageCipher? cipher;
    private readonly PayloadItems items;
    private readonly byte[] page = new byte[ImageFormat.MaxPageSize];
    private readonly List<IndexExtent> extents = [];
    private PageHeader leaf;
    private long knownUntil;
    private long lastOrdinal = -1;
    private int next;
    private bool followsOn = true;
    private bool ended;

    public LeafStream(RawPayload payload, ImageHeader header, ImageCipher? cipher, CancellationToken cancellation)
    {
        this.payload = payload;
        this.header = header;
        this.cipher = cipher;
        items = new PayloadItems(payload, header, cancellation);
        Load();
    }

    /// <summary>Pages there must have been, from the footer; null where that isn't known. Then the end of the image isn't either.</summary>
    public long? PageCount { get; init; }

    private ReadOnlySpan<byte> Body => page.AsSpan(PageHeader.Size, leaf.BodyLength);

    /// <summary>
    /// Tells what is known of a range of blocks. Ranges are asked for in order, none twice.
    /// </summary>
    /// <param name="known">Told extents, cut to the range, stored ones with their hashes.</param>
    /// <param name="unknown">Told ranges of which no surviving leaf speaks.</param>
    public void Tell(long first, long end, ExtentTaker known, Action<long, long> unknown)
    {
        var at = first;
        while (at < end)
        {
            if (ended)
            {
                if (!followsOn)
                {
                    unknown(at, end);
                }

                return;
            }

            if (at < leaf.FirstBlock)
            {
                var until = Math.Min(end, leaf.FirstBlock);
                if (!followsOn && Math.Max(at, knownUntil) < until)
                {
                    unknown(Math.Max(at, knownUntil), until);
                }

                at = until;
            }
            else if (at < leaf.EndBlock)
            {
                at = TellLeaf(at, Math.Min(end, leaf.EndBlock), known);
            }
            else
            {
                Load();
            }
        }
    }

    private long TellLeaf(long at, long end, ExtentTaker known)
    {
        for (; next < extents.Count && extents[next].First < end; next++)
        {
            var extent = extents[next];
            var from = Math.Max(at, extent.First);
            var count = Math.Min(end, extent.End) - from;
            if (count > 0)
            {
                var skip = (int)(from - extent.First);
                var cut = extent.State.IsStored()
                    ? extent with { First = from, Count = count, BlockInFrame = extent.BlockInFrame + skip }
                    : extent with { First = from, Count = count };
                known(cut, extent.State.IsStored() ? LeafPage.Hashes(Body, leaf.HashCount).Slice(extent.HashIndex + skip, (int)count) : []);
            }

            if (extent.End > end)
            {
                break;
            }
        }

        return end;
    }

    /// <summary>Loads the next leaf that survived.</summary>
    private void Load()
    {
        knownUntil = leaf.EndBlock;
        followsOn = true;
        while (items.MoveNext(out var isFrame))
        {
            if (isFrame)
            {
                continue;
            }

            var found = items.Page;
            if (found.Ordinal <= lastOrdinal || found.FirstBlock < (found.Level == 0 ? knownUntil : 0))
            {
                continue;
            }

            var opens = Opens();
            followsOn &= opens && found.Ordinal == lastOrdinal + 1;
            lastOrdinal = found.Ordinal;
            if (found.Level == 0 && opens && TryWalk())
            {
                return;
            }

            followsOn &= found.Level > 0;
        }

        ended = true;
        followsOn &= lastOrdinal + 1 == PageCount;
    }

    private bool Opens()
    {
        var stored = page.AsSpan(0, items.PageLength);
        payload.Read(items.Offset, stored);
        var reference = new PageRef(
            items.Page.FirstBlock, items.Offset, items.PageLength, Layout.U128(stored, stored.Length - ImageFormat.DigestSize));
        try
        {
            return PageSeal.Open(stored, reference, header.ImageId, cipher, out leaf) is null;
        }
        catch (TidemarkException e) when (e.Error == TidemarkError.Damaged)
        {
            return false;
        }
    }

    private bool TryWalk()
    {
        extents.Clear();
        next = 0;
        var walker = new LeafWalker(leaf, leaf.BodyLength - (leaf.HashCount * ImageFormat.DigestSize), payload.Length);
        while (walker.TryNext(Body, out var extent))
        {
            extents.Add(extent);
        }

        return !walker.Malformed;
    }
}

/// <summary>Takes an extent, and for a stored one the hashes of its blocks.</summary>
internal delegate void ExtentTaker(in IndexExtent extent, ReadOnlySpan<UInt128> hashes);
