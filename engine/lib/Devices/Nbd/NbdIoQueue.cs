using System.Diagnostics;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Devices.Nbd;

/// <summary>The queue of an NBD server's export: each transfer is a request, or several where the server takes less at a time.</summary>
internal sealed unsafe class NbdIoQueue : IoQueue, INbdCompletion
{
    private readonly object gate = new();
    private readonly NbdConnection connection;
    private readonly AlignedMemory memory;
    private readonly NbdTransfer[] transfers;
    private readonly (long Offset, int Length, int Done, bool Write)[] slots;
    private readonly SlotRing finished;
    private readonly int[] errors;
    private int inFlight;
    private bool disposed;

    public NbdIoQueue(NbdConnection connection, IoQueueOptions options)
    {
        options.Check();
        this.connection = connection;
        Depth = options.Depth;
        BufferSize = options.BufferSize;
        memory = new AlignedMemory((nuint)Depth * (nuint)BufferSize);
        transfers = new NbdTransfer[Depth];
        slots = new (long, int, int, bool)[Depth];
        errors = new int[Depth];
        finished = new SlotRing(Depth);
        for (var i = 0; i < Depth; i++)
        {
            transfers[i] = new NbdTransfer(this, i);
        }
    }

    public override string Kind => "nbd";

    public override int Depth { get; }

    public override int BufferSize { get; }

    public override int InFlight => inFlight;

    public override Span<byte> Buffer(int slot) => memory.Slice((nuint)slot * (nuint)BufferSize, BufferSize);

    public override void SubmitRead(int slot, long offset, int length) => Submit(slot, offset, length, write: false);

    public override void SubmitWrite(int slot, long offset, int length) => Submit(slot, offset, length, write: true);

    public override int Reap(Span<IoCompletion> completions, bool wait)
    {
        Debug.Assert(!disposed);
        Debug.Assert(completions.Length > 0);
        var taken = 0;
        while (taken < completions.Length && inFlight > 0)
        {
            int slot;
            lock (gate)
            {
                while (wait && taken == 0 && finished.Count == 0)
                {
                    Monitor.Wait(gate);
                }

                if (finished.Count == 0)
                {
                    break;
                }

                slot = finished.Take();
            }

            ref var transfer = ref slots[slot];
            if (errors[slot] == 0 && transfer.Done < transfer.Length)
            {
                // The server takes less at a time than a buffer has.
                Send(slot);
                continue;
            }

            inFlight--;
            completions[taken++] = new IoCompletion(slot, errors[slot] == 0 ? transfer.Length : 0, errors[slot]);
        }

        return taken;
    }

    public override void GiveUp() => connection.Abort();

    /// <summary>Told by the connection's own thread, or by that of <see cref="Send"/>.</summary>
    public void Finished(int slot, int error)
    {
        lock (gate)
        {
            errors[slot] = error;
            finished.Put(slot);
            Monitor.Pulse(gate);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposed)
        {
            return;
        }

        // The connection uses the buffers until its transfers have ended, all of their requests.
        Span<IoCompletion> ended = stackalloc IoCompletion[16];
        while (inFlight > 0)
        {
            Reap(ended, wait: true);
        }

        disposed = true;
        memory.Dispose();
    }

    private void Submit(int slot, long offset, int length, bool write)
    {
        Debug.Assert(!disposed);
        Debug.Assert(length > 0 && length <= BufferSize);
        Debug.Assert(offset >= 0 && offset + length <= connection.Info.Length);
        slots[slot] = (offset, length, 0, write);
        inFlight++;
        Send(slot);
    }

    private void Send(int slot)
    {
        ref var transfer = ref slots[slot];
        var now = Math.Min(transfer.Length - transfer.Done, connection.Info.MaxPayload);
        var offset = transfer.Offset + transfer.Done;
        var buffer = memory.Pointer + ((nuint)slot * (nuint)BufferSize) + (nuint)transfer.Done;
        transfer.Done += now;
        if (transfer.Write)
        {
            connection.Submit(
                transfers[slot], NbdCommand.Write, NbdCommandFlags.None, offset, (uint)now, null, new ReadOnlySpan<byte>(buffer, now));
        }
        else
        {
            connection.Submit(transfers[slot], NbdCommand.Read, NbdCommandFlags.None, offset, (uint)now, buffer, []);
        }
    }
}
