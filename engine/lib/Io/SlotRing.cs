using System.Diagnostics;

namespace Tidemark.Engine.Io;

/// <summary>A queue of slot numbers in a fixed ring.</summary>
internal sealed class SlotRing(int capacity)
{
    private readonly int[] slots = new int[capacity];
    private int head;

    public int Count { get; private set; }

    public void Put(int slot)
    {
        Debug.Assert(Count < slots.Length);
        slots[(head + Count) % slots.Length] = slot;
        Count++;
    }

    public int Take()
    {
        Debug.Assert(Count > 0);
        var slot = slots[head];
        head = (head + 1) % slots.Length;
        Count--;
        return slot;
    }
}
