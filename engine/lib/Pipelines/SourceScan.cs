using System.Diagnostics;
using Tidemark.Engine.Allocation;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Format;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Io;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// Reads a source once, front to back, with many transfers in flight, and hashes each block where its transfer is
/// reaped. Pieces are handed on in order, on the caller's thread, without a heap allocation per block.
/// </summary>
internal sealed class SourceScan : IDisposable
{
    /// <summary>
    /// Reading from the page cache is copying, and nothing is gained by copying ahead: two buffers of 256 KiB are still
    /// in the nearest cache when they are hashed.
    /// </summary>
    private static readonly IoQueueOptions cachedOptions = new(2, 256 << 10, ThroughCache: true);

    private const string CachedNote = "the source lay in the page cache and was read from there";

    private readonly BlockDevice device;
    private readonly bool cached;
    private readonly BlockHasher hasher;
    private readonly int blockSize;
    private readonly long length;
    private readonly RatePacer? pacer;
    private readonly IoQueue queue;
    private readonly ScanPlan plan;
    private readonly Piece[] pieces;
    private readonly IoCompletion[] completions;
    private readonly IoCompletion?[] finished;
    private readonly Stack<int> freeSlots;
    private readonly UInt128[] hashes;
    private readonly ulong[] gaps;
    private readonly MappedBlocks? map;
    private readonly byte[] lastBlock;
    private int head;
    private int count;
    private long sparedBytes;

    /// <param name="length">Bytes to scan, from the beginning; null for all.</param>
    /// <param name="pacer">Holds the reads to a rate; null for full speed.</param>
    /// <param name="mostBad">Bytes of bad sectors that are borne.</param>
    /// <param name="map">What needn't be read; null to read all that the device stores.</param>
    public SourceScan(
        BlockDevice device, BlockHasher hasher, int blockSize, IoQueueOptions options, long? length = null, RatePacer? pacer = null,
        long mostBad = long.MaxValue, AllocationMap? map = null)
    {
        Debug.Assert(length is null || length <= device.Length);
        this.device = device;
        this.hasher = hasher;
        this.blockSize = blockSize;
        this.length = length ?? device.Length;
        this.pacer = pacer;
        cached = device.IsCached();
        options = cached ? CachedOptions(options) : options;
        options = options with { BufferSize = Math.Max(options.BufferSize / blockSize * blockSize, blockSize) };
        queue = device.OpenQueue(options);
        this.map = map is null ? null : new MappedBlocks(map, this.length, blockSize);
        plan = new ScanPlan(device, this.length, blockSize, queue.BufferSize, this.map);
        if (Tracer.On)
        {
            Tracer.Log.QueueOpened(device.Name, queue.Kind, queue.Depth, queue.BufferSize);
        }

        // Pieces without content take no buffer; a few of them between two transfers don't hold up the queue.
        pieces = new Piece[queue.Depth * 2];
        completions = new IoCompletion[queue.Depth];
        finished = new IoCompletion?[queue.Depth];
        freeSlots = new Stack<int>(Enumerable.Range(0, queue.Depth));
        hashes = new UInt128[queue.BufferSize / blockSize];
        gaps = new ulong[pieces.Length * plan.GapWords];
        lastBlock = new byte[blockSize];
        Bisection = new SectorBisection(device, mostBad);
    }

    /// <summary>How the source is read.</summary>
    public string Reader => queue.Kind;

    /// <summary>What is worth knowing about the way of reading; null if it is the usual one.</summary>
    public string? ReaderNote => (cached, queue.Note) switch
    {
        (false, var note) => note,
        (true, null) => CachedNote,
        (true, var note) => $"{CachedNote}; {note}",
    };

    public SectorBisection Bisection { get; }

    /// <summary>Bytes read from the source so far.</summary>
    public long ReadBytes { get; private set; }

    /// <summary>Bytes of the source dealt with so far, read or known to be empty.</summary>
    public long DoneBytes { get; private set; }

    /// <summary>Bytes of all that the map leaves to be read.</summary>
    public long WantedBytes => length - (map?.SparedBytes ?? 0);

    /// <summary>Those of them that are dealt with.</summary>
    public long DoneWantedBytes => Math.Min(DoneBytes - sparedBytes, WantedBytes);

    /// <summary>Why the map was given up in mid-scan; null if it wasn't.</summary>
    public string? MapProblem => map?.Problem;

    /// <exception cref="DeviceGoneException">The device went away.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(IScanSink sink, Action tick, CancellationToken cancellation)
    {
        // What is written as well needs its connection to the end.
        using var giveUp = device.CanWrite ? default : cancellation.Register(static its => ((IoQueue)its!).GiveUp(), queue);
        var more = true;
        while (true)
        {
            more = more && Submit(cancellation);
            if (count == 0)
            {
                Debug.Assert(!more && DoneBytes == length);
                Bisection.Presence.Settle(cancellation);
                return;
            }

            cancellation.ThrowIfCancellationRequested();
            var piece = pieces[head];
            if (piece.Slot >= 0)
            {
                HandRead(piece.Item, piece.Slot, GapsOf(head), sink, cancellation);
                freeSlots.Push(piece.Slot);
            }
            else
            {
                sparedBytes += piece.Item.State == BlockState.Unallocated ? 0 : piece.Item.Length;
                sink.Unread(piece.Item.Offset / blockSize, Blocks(piece.Item.Length), piece.Item.State);
            }

            DoneBytes = piece.Item.End;
            head = (head + 1) % pieces.Length;
            count--;
            tick();
        }
    }

    public void Dispose()
    {
        if (count > 0 && !device.CanWrite)
        {
            queue.GiveUp();
        }

        queue.Dispose();
    }

    // What the user asked for stays the most.
    private static IoQueueOptions CachedOptions(IoQueueOptions asked) => cachedOptions with
    {
        Depth = Math.Min(asked.Depth, cachedOptions.Depth),
        BufferSize = Math.Min(asked.BufferSize, cachedOptions.BufferSize),
    };

    private long Blocks(long bytes) => (bytes + blockSize - 1) / blockSize;

    /// <summary>Starts what there is room for; false once the plan is at its end.</summary>
    private bool Submit(CancellationToken cancellation)
    {
        while (freeSlots.Count > 0 && count < pieces.Length)
        {
            var place = (head + count) % pieces.Length;
            if (!plan.TryNext(out var item, GapsOf(place)))
            {
                return false;
            }

            var slot = -1;
            if (item.Read)
            {
                // Of a device that has only positional calls the read happens here.
                cancellation.ThrowIfCancellationRequested();
                slot = freeSlots.Pop();
                finished[slot] = null;
                pacer?.Take(item.Length, cancellation);
                if (Tracer.On)
                {
                    Tracer.Log.ReadSubmitted(slot, item.Offset, item.Length, queue.InFlight + 1);
                }

                queue.SubmitRead(slot, item.Offset, (int)item.Length);
            }

            pieces[place] = new Piece(item, slot);
            count++;
        }

        return true;
    }

    private Span<ulong> GapsOf(int piece) => gaps.AsSpan(piece * plan.GapWords, plan.GapWords);

    private void HandRead(ScanItem item, int slot, ReadOnlySpan<ulong> free, IScanSink sink, CancellationToken cancellation)
    {
        while (finished[slot] is null)
        {
            var waiting = Tracer.Begin();
            var reaped = queue.Reap(completions, wait: true);
            Tracer.WaitedForInput(waiting);
            if (reaped == 0)
            {
                throw new UnreachableException($"the transfer at {item.Offset} has ended without a completion");
            }

            for (var i = 0; i < reaped; i++)
            {
                finished[completions[i].Slot] = completions[i];
            }

            if (Tracer.On)
            {
                TraceReaped(reaped);
            }
        }

        var completion = finished[slot]!.Value;
        var data = queue.Buffer(slot)[..(int)item.Length];
        ReadBytes += data.Length;
        if (completion.Error == 0 && completion.Transferred < data.Length)
        {
            throw TidemarkException.Failed(
                $"{device.Name} ended at byte {item.Offset + completion.Transferred} although it had {length} bytes when the run began: "
                + "it was cut while it was read. Nothing was committed; run again, from a snapshot if it keeps changing.");
        }

        if (completion.Error == 0)
        {
            Bisection.Presence.Read(item.Offset);
        }
        else
        {
            cancellation.ThrowIfCancellationRequested();
            Bisection.Presence.Require(item.Offset, completion.Error);
        }

        if (!free.ContainsAnyExcept(0UL))
        {
            Hand(item.Offset, data, completion.Error, sink, cancellation);
            return;
        }

        for (var at = 0; at < data.Length;)
        {
            var block = at / blockSize;
            var isFree = IsSet(free, block);
            while (at < data.Length && IsSet(free, at / blockSize) == isFree)
            {
                at += blockSize;
            }

            at = Math.Min(at, data.Length);
            if (isFree)
            {
                sink.Unread((item.Offset / blockSize) + block, (at / blockSize) - block, BlockState.Free);
            }
            else
            {
                Hand(item.Offset + ((long)block * blockSize), data[(block * blockSize)..at], completion.Error, sink, cancellation);
            }
        }
    }

    private static bool IsSet(ReadOnlySpan<ulong> bits, int bit) => (bits[bit / 64] >> (bit % 64) & 1) != 0;

    /// <summary>Hands on blocks of which a transfer brought the content, or failed to.</summary>
    private void Hand(long offset, Span<byte> data, int error, IScanSink sink, CancellationToken cancellation)
    {
        var badBefore = Bisection.BadBytes;
        if (error != 0)
        {
            var salvaging = Tracer.Begin();
            Bisection.Read(offset, data, cancellation);
            if (salvaging != 0)
            {
                Tracer.Log.ReadSalvaged(offset, data.Length, Bisection.BadBytes - badBefore, Tracer.Since(salvaging));
            }
        }

        var whole = data.Length / blockSize;
        var first = offset / blockSize;
        if (Bisection.BadBytes > badBefore)
        {
            HandOneByOne(first, data, sink);
            return;
        }

        if (whole > 0)
        {
            var its = hashes.AsSpan(0, whole);
            var hashing = Tracer.Begin();
            hasher.HashBlocks(data[..(whole * blockSize)], blockSize, its);
            if (hashing != 0)
            {
                Tracer.Log.BlocksHashed(first, whole, Tracer.Since(hashing));
            }

            var (comparing, changedBefore) = (Tracer.Begin(), sink.ChangedBlocks);
            sink.Blocks(first, data[..(whole * blockSize)], its);
            if (comparing != 0)
            {
                Tracer.Log.BlocksCompared(first, whole, sink.ChangedBlocks - changedBefore, Tracer.Since(comparing));
            }
        }

        if (whole * blockSize < data.Length)
        {
            Debug.Assert(offset + data.Length == length, "only the source's end may lie inside a block");
            Pad(data[(whole * blockSize)..]);
            var its = hashes.AsSpan(0, 1);
            hasher.HashBlocks(lastBlock, blockSize, its);
            sink.Blocks(first + whole, lastBlock, its);
        }
    }

    private void HandOneByOne(long first, ReadOnlySpan<byte> data, IScanSink sink)
    {
        for (var at = 0; at < data.Length; at += blockSize)
        {
            ReadOnlySpan<byte> block;
            if (data.Length - at >= blockSize)
            {
                block = data.Slice(at, blockSize);
            }
            else
            {
                Pad(data[at..]);
                block = lastBlock;
            }

            var number = first + (at / blockSize);
            var hash = hasher.HashBlock(block);
            if (Bisection.Touches(number * blockSize, blockSize))
            {
                sink.Unreadable(number, block, hash);
            }
            else
            {
                sink.Blocks(number, block, [hash]);
            }
        }
    }

    private void TraceReaped(int reaped)
    {
        for (var i = 0; i < reaped; i++)
        {
            var (slot, transferred, error) = completions[i];
            var offset = 0L;
            for (var piece = 0; piece < count; piece++)
            {
                var its = pieces[(head + piece) % pieces.Length];
                offset = its.Slot == slot ? its.Item.Offset : offset;
            }

            Tracer.Log.ReadReaped(slot, offset, transferred, error, queue.InFlight + reaped - i - 1);
        }
    }

    private void Pad(ReadOnlySpan<byte> tail)
    {
        tail.CopyTo(lastBlock);
        lastBlock.AsSpan(tail.Length).Clear();
    }

    private readonly record struct Piece(ScanItem Item, int Slot);
}
