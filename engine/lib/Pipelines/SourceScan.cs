using System.Diagnostics;
using Tidemark.Engine.Devices;
using Tidemark.Engine.Hashing;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Pipelines;

/// <summary>
/// Reads a source once, front to back, with many transfers in flight, and hashes each block where its transfer is
/// reaped. Pieces are handed on in order, on the caller's thread, without a heap allocation per block.
/// </summary>
internal sealed class SourceScan : IDisposable
{
    private readonly BlockDevice device;
    private readonly BlockHasher hasher;
    private readonly int blockSize;
    private readonly long length;
    private readonly IoQueue queue;
    private readonly ScanPlan plan;
    private readonly Piece[] pieces;
    private readonly IoCompletion[] completions;
    private readonly IoCompletion?[] finished;
    private readonly Stack<int> freeSlots;
    private readonly UInt128[] hashes;
    private readonly byte[] lastBlock;
    private int head;
    private int count;

    public SourceScan(BlockDevice device, BlockHasher hasher, int blockSize, IoQueueOptions options)
    {
        this.device = device;
        this.hasher = hasher;
        this.blockSize = blockSize;
        length = device.Length;
        options = options with { BufferSize = Math.Max(options.BufferSize / blockSize * blockSize, blockSize) };
        queue = device.OpenQueue(options);
        plan = new ScanPlan(device, length, blockSize, queue.BufferSize);

        // Pieces without content take no buffer; a few of them between two transfers don't hold up the queue.
        pieces = new Piece[queue.Depth * 2];
        completions = new IoCompletion[queue.Depth];
        finished = new IoCompletion?[queue.Depth];
        freeSlots = new Stack<int>(Enumerable.Range(0, queue.Depth));
        hashes = new UInt128[queue.BufferSize / blockSize];
        lastBlock = new byte[blockSize];
        Salvage = new SectorSalvage(device);
    }

    /// <summary>How the source is read.</summary>
    public string Reader => queue.Kind;

    /// <summary>Why a slower way of reading was taken; null if none was.</summary>
    public string? ReaderNote => queue.Note;

    public SectorSalvage Salvage { get; }

    /// <summary>Bytes read from the source so far.</summary>
    public long ReadBytes { get; private set; }

    /// <summary>Bytes of the source dealt with so far, read or known to be empty.</summary>
    public long DoneBytes { get; private set; }

    public void Run(IScanSink sink, Action tick, CancellationToken cancellation)
    {
        var more = true;
        while (true)
        {
            more = more && Submit();
            if (count == 0)
            {
                Debug.Assert(!more && DoneBytes == length);
                return;
            }

            cancellation.ThrowIfCancellationRequested();
            var piece = pieces[head];
            if (piece.Slot >= 0)
            {
                HandRead(piece.Item, piece.Slot, sink);
                freeSlots.Push(piece.Slot);
            }
            else
            {
                sink.Unallocated(piece.Item.Offset / blockSize, Blocks(piece.Item.Length));
            }

            DoneBytes = piece.Item.End;
            head = (head + 1) % pieces.Length;
            count--;
            tick();
        }
    }

    public void Dispose() => queue.Dispose();

    private long Blocks(long bytes) => (bytes + blockSize - 1) / blockSize;

    /// <summary>Starts what there is room for; false once the plan is at its end.</summary>
    private bool Submit()
    {
        while (freeSlots.Count > 0 && count < pieces.Length)
        {
            if (!plan.TryNext(out var item))
            {
                return false;
            }

            var slot = -1;
            if (item.Read)
            {
                slot = freeSlots.Pop();
                finished[slot] = null;
                queue.SubmitRead(slot, item.Offset, (int)item.Length);
            }

            pieces[(head + count) % pieces.Length] = new Piece(item, slot);
            count++;
        }

        return true;
    }

    private void HandRead(ScanItem item, int slot, IScanSink sink)
    {
        while (finished[slot] is null)
        {
            var reaped = queue.Reap(completions, wait: true);
            for (var i = 0; i < reaped; i++)
            {
                finished[completions[i].Slot] = completions[i];
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

        var badBefore = Salvage.BadBytes;
        if (completion.Error != 0)
        {
            Salvage.Read(item.Offset, data);
        }

        var whole = data.Length / blockSize;
        var first = item.Offset / blockSize;
        if (Salvage.BadBytes > badBefore)
        {
            HandOneByOne(first, data, sink);
            return;
        }

        if (whole > 0)
        {
            var its = hashes.AsSpan(0, whole);
            hasher.HashBlocks(data[..(whole * blockSize)], blockSize, its);
            sink.Blocks(first, data[..(whole * blockSize)], its);
        }

        if (whole * blockSize < data.Length)
        {
            Debug.Assert(item.End == length, "only the source's end may lie inside a block");
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
            if (Salvage.Touches(number * blockSize, blockSize))
            {
                sink.Unreadable(number, block, hash);
            }
            else
            {
                sink.Blocks(number, block, [hash]);
            }
        }
    }

    private void Pad(ReadOnlySpan<byte> tail)
    {
        tail.CopyTo(lastBlock);
        lastBlock.AsSpan(tail.Length).Clear();
    }

    private readonly record struct Piece(ScanItem Item, int Slot);
}
