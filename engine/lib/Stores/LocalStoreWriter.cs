using Tidemark.Engine.Io;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Stores;

/// <summary>
/// Writes a new local file under a temporary name: what is appended fills aligned buffers, which a queue writes around the
/// system's cache while the next ones fill. Only the last, unaligned bytes go through the cache.
/// </summary>
internal abstract class LocalStoreWriter : StoreWriter
{
    /// <summary>
    /// Four writes of 1 MiB keep a disk busy while the fifth would only wait: images are written once, in order, and
    /// more in flight gains nothing. 4 MiB is what a writer costs.
    /// </summary>
    protected static readonly IoQueueOptions QueueOptions = new(4, 1 << 20);

    private readonly IoQueue queue;
    private readonly SlotRing free;
    private readonly IoCompletion[] completions;
    private readonly int[] lengths;
    private readonly long[] offsets;
    private TidemarkException? failure;
    private long position;
    private long submitted;
    private int slot;
    private int filled;
    private bool settled;
    private bool completed;
    private bool disposed;

    /// <summary>Takes over <paramref name="queue"/>, which is opened with <see cref="QueueOptions"/> on an empty file.</summary>
    protected LocalStoreWriter(IoQueue queue)
    {
        this.queue = queue;
        completions = new IoCompletion[queue.Depth];
        lengths = new int[queue.Depth];
        offsets = new long[queue.Depth];
        free = new SlotRing(queue.Depth);
        for (var i = 1; i < queue.Depth; i++)
        {
            free.Put(i);
        }
    }

    public override long Position => position;

    /// <summary>Whether the file system takes direct writes.</summary>
    public abstract bool IsDirect { get; }

    public override void Append(ReadOnlySpan<byte> data)
    {
        Invariant.Holds(!settled && !disposed);
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

    public override void Settle()
    {
        Invariant.Holds(!disposed);
        ThrowIfFailed();
        if (settled)
        {
            return;
        }

        if (filled > 0)
        {
            Submit();
        }

        while (queue.InFlight > 0)
        {
            Reap(wait: true);
        }

        var flushing = Tracer.Begin();
        var error = FlushFile();
        Tracer.WaitedForOutput(flushing);
        if (error != 0)
        {
            Fail("flush", error);
        }

        Invariant.Holds(submitted == position);
        settled = true;
        queue.Dispose();
        CloseFile();
    }

    public override StoreFile? OpenWritten()
    {
        Invariant.Holds(settled && !completed && !disposed);
        return OpenTemporary();
    }

    public override void Complete(bool withNext = false)
    {
        Invariant.Holds(!completed && !disposed);
        Settle();
        try
        {
            Publish(withNext);
        }
        catch (TidemarkException e)
        {
            completed = e.IsCommitted;
            throw;
        }

        completed = true;
    }

    public override void Dispose()
    {
        if (disposed)
        {
            return;
        }

        disposed = true;
        if (!settled)
        {
            queue.Dispose();
            CloseFile();
        }

        if (!completed)
        {
            Discard();
        }
    }

    /// <summary>Makes the file's content durable; returns 0 or the system's error number.</summary>
    protected abstract int FlushFile();

    protected abstract void CloseFile();

    /// <summary>Opens the file under its temporary name.</summary>
    protected abstract StoreFile OpenTemporary();

    /// <summary>Gives the file its name; see <see cref="StoreWriter.Complete"/>.</summary>
    protected abstract void Publish(bool withNext);

    /// <summary>Removes the file under its temporary name, as far as that works.</summary>
    protected abstract void Discard();

    protected abstract TidemarkException Error(string verb, int error);

    private void Submit()
    {
        lengths[slot] = filled;
        offsets[slot] = submitted;
        if (Tracer.On)
        {
            Tracer.Log.StoreWriteSubmitted(slot, submitted, filled, queue.InFlight + 1);
        }

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
        var waiting = Tracer.Begin();
        var taken = queue.Reap(completions, wait);
        Tracer.WaitedForOutput(waiting);
        foreach (var done in completions.AsSpan(0, taken))
        {
            if (Tracer.On)
            {
                Tracer.Log.StoreWriteReaped(done.Slot, offsets[done.Slot], done.Transferred, done.Error, queue.InFlight);
            }

            if (done.Error != 0)
            {
                Fail("write", done.Error);
            }

            Invariant.Holds(done.Transferred == lengths[done.Slot]);
            free.Put(done.Slot);
        }
    }

    private void Fail(string verb, int error)
    {
        failure = Error(verb, error);
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
