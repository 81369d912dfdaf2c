using System.Diagnostics;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Devices.VirtualDisks;

/// <summary>
/// Reads of a virtual disk through the queue of its file: a read that one place of the file answers goes there as it
/// is, and stays as fast as the file. One that is spread over several places, or over parents, happens where it is
/// submitted.
/// </summary>
internal sealed class VirtualDiskQueue(VirtualDisk disk, IoQueue inner) : IoQueue
{
    /// <summary>A ring of the transfers that happened here and were not reaped yet.</summary>
    private readonly IoCompletion[] done = new IoCompletion[inner.Depth];
    private int head;
    private int count;

    public override string Kind => inner.Kind;

    public override int Depth => inner.Depth;

    public override int BufferSize => inner.BufferSize;

    public override int InFlight => inner.InFlight + count;

    public override Span<byte> Buffer(int slot) => inner.Buffer(slot);

    public override void SubmitRead(int slot, long offset, int length)
    {
        Debug.Assert(length > 0 && length <= BufferSize);
        Debug.Assert(offset >= 0 && offset + length <= disk.Length);
        AssertFree(slot);
        try
        {
            var position = disk.PlaceInFile(offset, length);
            if (position >= 0)
            {
                inner.SubmitRead(slot, position, length);
                return;
            }

            disk.ReadAt(offset, Buffer(slot)[..length]);
            Finish(new IoCompletion(slot, length, 0));
        }
        catch (DeviceIoException e)
        {
            Finish(new IoCompletion(slot, 0, e.NativeError));
        }
    }

    public override void SubmitWrite(int slot, long offset, int length) =>
        throw new NotSupportedException($"{disk.Name} is open for reading only.");

    public override int Reap(Span<IoCompletion> completions, bool wait)
    {
        Debug.Assert(completions.Length > 0);
        var taken = 0;
        while (count > 0 && taken < completions.Length)
        {
            completions[taken++] = done[head];
            head = (head + 1) % done.Length;
            count--;
        }

        if (taken < completions.Length && inner.InFlight > 0)
        {
            taken += inner.Reap(completions[taken..], wait && taken == 0);
        }

        return taken;
    }

    public override void GiveUp() => inner.GiveUp();

    protected override void Dispose(bool disposing) => inner.Dispose();

    private void Finish(IoCompletion completion)
    {
        Debug.Assert(count < done.Length);
        done[(head + count) % done.Length] = completion;
        count++;
    }

    [Conditional("DEBUG")]
    private void AssertFree(int slot)
    {
        for (var i = 0; i < count; i++)
        {
            Debug.Assert(done[(head + i) % done.Length].Slot != slot, "the slot is in flight");
        }
    }
}
