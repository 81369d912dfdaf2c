namespace Tidemark.Engine.Io;

/// <summary>
/// A queue of transfers between one device and buffers that the queue owns: submit by slot, reap completions in any
/// order. One thread uses a queue. Nothing here allocates after construction, and nothing interprets an error:
/// a completion carries it to the caller.
/// </summary>
/// <remarks>
/// A slot is free until it is submitted and again once its completion was reaped. Submitting a slot in flight, or a
/// range outside the device, is a programmer's error. A transfer that moved fewer bytes than asked without an error
/// is finished by the queue itself; what the caller sees as short is the end of the device.
/// Dispose waits for what is in flight.
/// </remarks>
internal abstract class IoQueue : IDisposable
{
    /// <summary>What a result calls this way of reading: "io_uring", "overlapped", "pread", "memory".</summary>
    public abstract string Kind { get; }

    /// <summary>Why the device is read in this way and no faster one, for the result; null if there is nothing to say.</summary>
    public virtual string? Note => null;

    /// <summary>Number of slots.</summary>
    public abstract int Depth { get; }

    /// <summary>Bytes of one slot's buffer.</summary>
    public abstract int BufferSize { get; }

    /// <summary>Transfers submitted and not yet reaped.</summary>
    public abstract int InFlight { get; }

    /// <summary>The buffer of a slot, aligned to 4096 at least; stable for the queue's life.</summary>
    public abstract Span<byte> Buffer(int slot);

    /// <summary>Starts reading <paramref name="length"/> bytes at <paramref name="offset"/> into the slot's buffer.</summary>
    public abstract void SubmitRead(int slot, long offset, int length);

    /// <summary>Starts writing the first <paramref name="length"/> bytes of the slot's buffer to <paramref name="offset"/>.</summary>
    public abstract void SubmitWrite(int slot, long offset, int length);

    /// <summary>
    /// Takes finished transfers; waits for the first if <paramref name="wait"/> and any is in flight.
    /// Returns how many were taken.
    /// </summary>
    public abstract int Reap(Span<IoCompletion> completions, bool wait);

    /// <summary>
    /// Called from any thread when nobody wants the transfers any more: those that nobody works on yet, or that wait for the
    /// other end of a connection, end soon, with an error. The queue is only reaped and disposed afterwards.
    /// </summary>
    public virtual void GiveUp()
    {
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}
