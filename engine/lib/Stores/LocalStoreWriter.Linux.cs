using System.Diagnostics;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Stores;

/// <summary>
/// Writes a new local file: what is appended fills aligned buffers, which a queue writes around the page cache while
/// the next ones fill. Only the last, unaligned bytes go through the cache.
/// </summary>
internal sealed class LocalStoreWriter : StoreWriter
{
    /// <summary>
    /// Four writes of 1 MiB keep a disk busy while the fifth would only wait: images are written once, in order, and
    /// more in flight gains nothing. 4 MiB is what a writer costs.
    /// </summary>
    private static readonly IoQueueOptions queueOptions = new(4, 1 << 20);

    private readonly string path;
    private readonly DirectFile file;
    private readonly IoQueue queue;
    private readonly SlotRing free;
    private readonly IoCompletion[] completions;
    private readonly int[] lengths;
    private TidemarkException? failure;
    private long position;
    private long submitted;
    private int slot;
    private int filled;
    private bool completed;
    private bool disposed;

    /// <summary>Takes over <paramref name="file"/>, which is open for writing and empty.</summary>
    public LocalStoreWriter(string path, DirectFile file)
    {
        this.path = path;
        this.file = file;
        queue = FileIoQueue.Open(file, queueOptions);
        completions = new IoCompletion[queue.Depth];
        lengths = new int[queue.Depth];
        free = new SlotRing(queue.Depth);
        for (var i = 1; i < queue.Depth; i++)
        {
            free.Put(i);
        }
    }

    public override long Position => position;

    /// <summary>Whether the file system takes direct writes.</summary>
    public bool IsDirect => file.Direct is not null;

    public override void Append(ReadOnlySpan<byte> data)
    {
        Debug.Assert(!completed && !disposed);
        ThrowIfFailed();
        while (data.Length > 0)
        {
            var count = Math.Min(data.Length, queue.BufferSize - filled);
            data[..count].CopyTo(queue.Buffer(slot)[filled..]);
            data = data[count..];
            filled += count;
            position += count;
            if (filled == queue.BufferSize)
            {
                Submit();
                TakeSlot();
            }
        }
    }

    public override void Complete()
    {
        Debug.Assert(!completed && !disposed);
        ThrowIfFailed();
        if (filled > 0)
        {
            Submit();
        }

        while (queue.InFlight > 0)
        {
            Reap(wait: true);
        }

        var result = FileCalls.DataSync(file.Buffered);
        if (result < 0)
        {
            Fail("flush", -result);
        }

        Debug.Assert(submitted == position);
        completed = true;
    }

    public override void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            queue.Dispose();
            file.Dispose();
        }
    }

    private void Submit()
    {
        lengths[slot] = filled;
        queue.SubmitWrite(slot, submitted, filled);
        submitted += filled;
        filled = 0;
    }

    private void TakeSlot()
    {
        // Looked at each time, so that an error shows up soon and not only when all buffers are in use.
        Reap(wait: free.Count == 0);
        slot = free.Take();
    }

    private void Reap(bool wait)
    {
        var taken = queue.Reap(completions, wait);
        foreach (var done in completions.AsSpan(0, taken))
        {
            if (done.Error != 0)
            {
                Fail("write", done.Error);
            }

            Debug.Assert(done.Transferred == lengths[done.Slot]);
            free.Put(done.Slot);
        }
    }

    private void Fail(string verb, int error)
    {
        failure = LocalStoreError.For(verb, path, error);
        throw failure;
    }

    // Once a write has failed the file is lost; every later call says why.
    private void ThrowIfFailed()
    {
        if (failure is not null)
        {
            throw new TidemarkException(failure.Error, failure.Message, failure);
        }
    }
}
