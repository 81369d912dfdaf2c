using System.Diagnostics;
using Tidemark.Engine.Io;
using Tidemark.Engine.Tracing;

namespace Tidemark.Engine.Devices.Queues;

/// <summary>The queue of a device that has only positional calls: a transfer happens where it is submitted.</summary>
internal sealed class PositionalIoQueue : IoQueue
{
    private readonly BlockDevice device;
    private readonly AlignedMemory memory;
    private readonly IoCompletion[] done;
    private readonly bool[] busy;
    private int head;
    private int count;

    /// <param name="device">What transfers go to.</param>
    /// <param name="options">Depth and size.</param>
    /// <param name="kind">What a result calls it.</param>
    /// <param name="note">Why this queue and no faster one.</param>
    public PositionalIoQueue(BlockDevice device, IoQueueOptions options, string kind = "pread", string? note = null)
    {
        options.Check();
        Kind = kind;
        Note = note;
        this.device = device;
        Depth = options.Depth;
        BufferSize = options.BufferSize;
        memory = new AlignedMemory((nuint)Depth * (nuint)BufferSize);
        done = new IoCompletion[Depth];
        busy = new bool[Depth];
    }

    public override string Kind { get; }

    public override string? Note { get; }

    public override int Depth { get; }

    public override int BufferSize { get; }

    public override int InFlight => count;

    public override Span<byte> Buffer(int slot) => memory.Slice((nuint)slot * (nuint)BufferSize, BufferSize);

    public override void SubmitRead(int slot, long offset, int length) => Submit(slot, offset, length, write: false);

    public override void SubmitWrite(int slot, long offset, int length) => Submit(slot, offset, length, write: true);

    public override int Reap(Span<IoCompletion> completions, bool wait)
    {
        var taken = Math.Min(count, completions.Length);
        for (var i = 0; i < taken; i++)
        {
            completions[i] = done[head];
            busy[done[head].Slot] = false;
            head = (head + 1) % Depth;
        }

        count -= taken;
        return taken;
    }

    protected override void Dispose(bool disposing) => memory.Dispose();

    private void Submit(int slot, long offset, int length, bool write)
    {
        Debug.Assert(!busy[slot], "the slot is in flight");
        Debug.Assert(length > 0 && length <= BufferSize);
        Debug.Assert(offset >= 0 && offset + length <= device.Length);
        var error = 0;
        var waiting = Tracer.Begin();
        try
        {
            if (write)
            {
                device.WriteAt(offset, Buffer(slot)[..length]);
                Tracer.WaitedForOutput(waiting);
            }
            else
            {
                device.ReadAt(offset, Buffer(slot)[..length]);
                Tracer.WaitedForInput(waiting);
            }
        }
        catch (DeviceIoException e)
        {
            error = e.NativeError;
        }

        busy[slot] = true;
        done[(head + count) % Depth] = new IoCompletion(slot, error == 0 ? length : 0, error);
        count++;
    }
}
