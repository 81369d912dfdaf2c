using System.Diagnostics;
using Tidemark.Engine.Io;

namespace Tidemark.Engine.Devices.Queues;

/// <summary>
/// A filter on a queue that hands out completions late, few at a time and in an order that a seed determines: what a
/// real device may do any day, on purpose.
/// </summary>
internal sealed class ShuffledIoQueue(IoQueue inner, int seed) : IoQueue
{
    private readonly Random random = new(seed);
    private readonly IoCompletion[] held = new IoCompletion[inner.Depth];
    private int count;

    public override string Kind => inner.Kind;

    public override string? Note => inner.Note;

    public override int Depth => inner.Depth;

    public override int BufferSize => inner.BufferSize;

    public override int InFlight => inner.InFlight + count;

    public override Span<byte> Buffer(int slot) => inner.Buffer(slot);

    public override void SubmitRead(int slot, long offset, int length)
    {
        AssertFree(slot);
        inner.SubmitRead(slot, offset, length);
    }

    public override void SubmitWrite(int slot, long offset, int length)
    {
        AssertFree(slot);
        inner.SubmitWrite(slot, offset, length);
    }

    public override int Reap(Span<IoCompletion> completions, bool wait)
    {
        Debug.Assert(completions.Length > 0);
        if (inner.InFlight > 0)
        {
            count += inner.Reap(held.AsSpan(count), wait && count == 0);
        }

        var most = Math.Min(count, completions.Length);
        var taken = most == 0 ? 0 : random.Next(wait ? 1 : 0, most + 1);
        for (var i = 0; i < taken; i++)
        {
            var pick = random.Next(count);
            completions[i] = held[pick];
            held[pick] = held[--count];
        }

        return taken;
    }

    public override void GiveUp() => inner.GiveUp();

    protected override void Dispose(bool disposing) => inner.Dispose();

    [Conditional("DEBUG")]
    private void AssertFree(int slot)
    {
        foreach (var completion in held.AsSpan(0, count))
        {
            Debug.Assert(completion.Slot != slot, "the slot is in flight");
        }
    }
}
